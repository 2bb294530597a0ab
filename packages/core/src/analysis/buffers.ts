/**
 * Which buffers onnxruntime allocates for a program, and when it gives them back. A value gets the buffer of an input
 * where it is a view of it or the op may overwrite it; else one of the same shape whose value is no longer needed, which
 * is therefore kept until then; else a new one.
 */
import type { OnnxProgramPlan, OnnxStep } from './onnx-program.js';
import { bytesOf, type OnnxValue } from './onnx-shapes.js';

/** Results that are their input with another shape. */
const VIEWS = new Set(['Reshape', 'Unsqueeze', 'Identity']);

/** Ops whose kernel may write over an input of the same shape that nobody reads later. */
const IN_PLACE = new Set([
  ...['Add', 'Sub', 'Mul', 'Div', 'Neg', 'Abs', 'Exp', 'Log', 'Sqrt', 'Reciprocal'],
  ...['Sigmoid', 'Tanh', 'Softplus', 'Cast', 'FusedConv'],
]);

/** Input of FusedConv to which it adds, the one it may write over. */
const ADDED_TO = 3;

/** One buffer: allocated before step `first`, free again after step `last`. */
export interface Buffer {
  readonly bytes: number;
  readonly first: number;
  /** Infinite for results of the program. */
  last: number;
}

export function planBuffers({ steps, results, given }: OnnxProgramPlan): Buffer[] {
  return new BufferPlanner(steps, results, given).plan();
}

class BufferPlanner {
  readonly #steps: readonly OnnxStep[];
  readonly #results: ReadonlySet<string>;
  readonly #given: ReadonlySet<string>;
  /** Reads that are still to come, of all values in a buffer. */
  readonly #pendingReads = new Map<Buffer, number>();
  readonly #bufferOf = new Map<string, Buffer>();
  readonly #reads = new Map<string, number>();
  /** Buffers that may be taken over, the most recent first, with the type and shape they had. */
  #idle: { readonly buffer: Buffer; readonly type: string }[] = [];
  readonly #typeOf = new Map<Buffer, string>();

  constructor(steps: readonly OnnxStep[], results: ReadonlySet<string>, given: ReadonlySet<string>) {
    this.#steps = steps;
    this.#results = results;
    this.#given = given;
    for (const { node } of steps)
      for (const name of node.inputs) this.#reads.set(name, (this.#reads.get(name) ?? 0) + 1);
  }

  plan(): Buffer[] {
    const buffers: Buffer[] = [];
    this.#steps.forEach((step, i) => {
      step.node.outputs.forEach((name, output) => {
        const reused = this.#reusable(step, output);
        const buffer = reused ?? { bytes: bytesOf(step.outputs[output]!), first: i, last: i };
        if (!reused) buffers.push(buffer);
        this.#occupy(buffer, name, step.outputs[output]!);
      });
      this.#finish(step, i);
    });
    for (const name of this.#results) {
      const buffer = this.#bufferOf.get(name);
      if (buffer) buffer.last = Number.POSITIVE_INFINITY;
    }
    return buffers;
  }

  #reusable(step: OnnxStep, output: number): Buffer | undefined {
    const { opType, outputs } = step.node;
    if (this.#results.has(outputs[output]!)) return undefined;
    if (output === 0 && VIEWS.has(opType)) {
      const viewed = this.#own(step.node.inputs[0]!);
      if (viewed) return viewed;
    }
    if (output === 0 && IN_PLACE.has(opType)) {
      const overwritten = this.#overwritable(step);
      if (overwritten) return overwritten;
    }
    const type = typeOf(step.outputs[output]!);
    const at = this.#idle.findIndex((idle) => idle.type === type);
    return at < 0 ? undefined : this.#idle.splice(at, 1)[0]!.buffer;
  }

  #overwritable({ node, inputs, outputs }: OnnxStep): Buffer | undefined {
    const first = node.opType === 'FusedConv' ? ADDED_TO : 0;
    const i = node.inputs.findIndex((name, at) => {
      const buffer = this.#own(name);
      return (
        at >= first &&
        buffer &&
        this.#pendingReads.get(buffer) === 1 &&
        typeOf(inputs[at]!) === typeOf(outputs[0]!)
      );
    });
    return i < 0 ? undefined : this.#own(node.inputs[i]!);
  }

  /** The buffer of a value that the program made and doesn't give back. */
  #own(name: string): Buffer | undefined {
    return this.#given.has(name) || this.#results.has(name) ? undefined : this.#bufferOf.get(name);
  }

  #occupy(buffer: Buffer, name: string, value: OnnxValue): void {
    this.#bufferOf.set(name, buffer);
    this.#typeOf.set(buffer, typeOf(value));
    this.#pendingReads.set(buffer, (this.#pendingReads.get(buffer) ?? 0) + (this.#reads.get(name) ?? 0));
  }

  #finish({ node }: OnnxStep, i: number): void {
    for (const name of node.inputs) {
      const buffer = this.#bufferOf.get(name);
      if (!buffer) continue;
      buffer.last = i;
      this.#pendingReads.set(buffer, this.#pendingReads.get(buffer)! - 1);
      if (this.#pendingReads.get(buffer) === 0 && this.#own(name)) this.#release(buffer);
    }
    for (const name of node.outputs) {
      const buffer = this.#bufferOf.get(name)!;
      buffer.last = i;
      if (!this.#reads.has(name) && this.#own(name)) this.#release(buffer);
    }
  }

  #release(buffer: Buffer): void {
    this.#idle.unshift({ buffer, type: this.#typeOf.get(buffer)! });
  }
}

const typeOf = ({ dtype, shape }: OnnxValue) => `${dtype}[${shape}]`;

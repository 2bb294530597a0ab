/**
 * Which buffers onnxruntime allocates for a program, and when it gives them back. A value gets the buffer of an input
 * where it is a view of it or the op may overwrite it; else one of the same shape whose value is no longer needed, which
 * is therefore kept until then; else a new one.
 */
import { ONNX_OPS } from '../ops.js';
import { bytesOf, given, type OnnxValue } from '../value.js';
import type { OnnxProgramPlan, PlannedStep } from './program.js';

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
  readonly #steps: readonly PlannedStep[];
  readonly #results: ReadonlySet<string>;
  readonly #given: ReadonlySet<string>;
  /** Reads that are still to come, of all values in a buffer. */
  readonly #pendingReads = new Map<Buffer, number>();
  readonly #bufferOf = new Map<string, Buffer>();
  readonly #reads = new Map<string, number>();
  /** Buffers that may be taken over, the most recent first, with the type and shape they had. */
  #idle: { readonly buffer: Buffer; readonly type: string }[] = [];
  readonly #typeOf = new Map<Buffer, string>();

  constructor(steps: readonly PlannedStep[], results: ReadonlySet<string>, given: ReadonlySet<string>) {
    this.#steps = steps;
    this.#results = results;
    this.#given = given;
    for (const { node } of steps)
      for (const name of node.inputs) this.#reads.set(name, (this.#reads.get(name) ?? 0) + 1);
  }

  plan(): Buffer[] {
    const buffers: Buffer[] = [];
    this.#steps.forEach((planned, i) => {
      planned.node.outputs.forEach((name, output) => {
        const value = given(planned.step.outputs, output);
        const reused = this.#reusable(planned, name, output);
        const buffer = reused ?? { bytes: bytesOf(value), first: i, last: i };
        if (!reused) buffers.push(buffer);
        this.#occupy(buffer, name, value);
      });
      this.#finish(planned, i);
    });
    for (const name of this.#results) {
      const buffer = this.#bufferOf.get(name);
      if (buffer) buffer.last = Number.POSITIVE_INFINITY;
    }
    return buffers;
  }

  #reusable(planned: PlannedStep, name: string, output: number): Buffer | undefined {
    if (this.#results.has(name)) return undefined;
    const reused = output === 0 ? (this.#viewed(planned) ?? this.#overwritable(planned)) : undefined;
    if (reused) return reused;
    const type = typeOf(given(planned.step.outputs, output));
    const at = this.#idle.findIndex((idle) => idle.type === type);
    return at < 0 ? undefined : this.#idle.splice(at, 1)[0]?.buffer;
  }

  #viewed({ node }: PlannedStep): Buffer | undefined {
    const [source] = node.inputs;
    return ONNX_OPS[node.opType].view && source !== undefined ? this.#own(source) : undefined;
  }

  #overwritable({ node, step }: PlannedStep): Buffer | undefined {
    const { inPlace } = ONNX_OPS[node.opType];
    if (inPlace === undefined) return undefined;
    const type = typeOf(given(step.outputs, 0));
    for (const [i, name] of node.inputs.entries()) {
      const buffer = i < inPlace ? undefined : this.#own(name);
      if (buffer && this.#pendingReads.get(buffer) === 1 && typeOf(given(step.inputs, i)) === type)
        return buffer;
    }
    return undefined;
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

  #finish({ node }: PlannedStep, i: number): void {
    for (const name of node.inputs) {
      const buffer = this.#bufferOf.get(name);
      if (!buffer) continue;
      buffer.last = i;
      const pending = (this.#pendingReads.get(buffer) ?? 0) - 1;
      this.#pendingReads.set(buffer, pending);
      if (pending === 0 && this.#own(name)) this.#release(buffer);
    }
    for (const name of node.outputs) {
      const buffer = this.#bufferOf.get(name);
      if (!buffer) continue;
      buffer.last = i;
      if (!this.#reads.has(name) && this.#own(name)) this.#release(buffer);
    }
  }

  #release(buffer: Buffer): void {
    this.#idle.unshift({ buffer, type: this.#typeOf.get(buffer) ?? '' });
  }
}

const typeOf = ({ dtype, shape }: OnnxValue) => `${dtype}[${shape}]`;

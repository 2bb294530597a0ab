/** An ONNX model that is being changed (https://onnx.ai/onnx/repo-docs/IR.html). */
import onnxProto from 'onnx-proto';
import { ExportError } from '../errors.js';

const { onnx } = onnxProto;

export type OnnxNode = onnxProto.onnx.INodeProto;
export type Initializer = onnxProto.onnx.ITensorProto;
export type ValueInfo = onnxProto.onnx.IValueInfoProto;

export const ELEMENT = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, float16: 10 } as const;
export type ElementType = keyof typeof ELEMENT;
const ATTRIBUTE = { FLOAT: 1, INT: 2, STRING: 3, INTS: 7 } as const;

/** Whole numbers become INT, `{ float }` FLOAT, texts STRING, lists INTS. */
export type Attribute = number | string | readonly number[] | { readonly float: number };

/** A number, or the name of a size that each run decides. */
export type Size = number | string;

const IR_VERSION = 8;

export class OnnxGraph {
  readonly nodes: OnnxNode[];
  readonly initializers: Initializer[];
  readonly inputs: ValueInfo[];
  readonly outputs: ValueInfo[];
  /** Version of the standard operators. */
  readonly opset: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly #taken: Set<string>;
  #count = 0;

  /** @param bytes an encoded `ModelProto` */
  constructor(bytes: Uint8Array) {
    const { graph, opsetImport, metadataProps } = onnx.ModelProto.decode(bytes);
    this.opset = Number(opsetImport.find(({ domain }) => !domain)?.version ?? 0);
    this.metadata = Object.fromEntries(metadataProps.map(({ key, value }) => [String(key), String(value)]));
    this.nodes = [...(graph?.node ?? [])];
    this.initializers = [...(graph?.initializer ?? [])];
    this.inputs = [...(graph?.input ?? [])];
    this.outputs = [...(graph?.output ?? [])];
    const named = [...this.initializers, ...this.inputs].map(({ name }) => String(name));
    this.#taken = new Set([...named, ...this.nodes.flatMap(({ output }) => output ?? [])]);
  }

  /** Another graph of the same nodes, to be changed on its own. */
  copy(): OnnxGraph {
    return new OnnxGraph(this.encode(this.opset, this.metadata));
  }

  /** Adds a node at the end and returns the name of its first output. */
  emit(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string {
    const [output] = this.emitAll(opType, inputs, attributes, 1);
    return output ?? '';
  }

  /** Adds a node with several outputs. */
  emitAll(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
    count: number,
  ): string[] {
    const output = Array.from({ length: count }, () => this.fresh(opType));
    const attribute = Object.entries(attributes).map(encodeAttribute);
    this.nodes.push({ name: output[0] ?? '', opType, input: [...inputs], output, attribute });
    return output;
  }

  /** A name that nothing has yet. */
  fresh(prefix: string): string {
    let name = `${prefix}_${this.#count++}`;
    while (this.#taken.has(name)) name = `${prefix}_${this.#count++}`;
    this.#taken.add(name);
    return name;
  }

  floats(values: readonly number[] | Float32Array, dims: readonly number[] = [values.length]): string {
    return this.constant('float32', Float32Array.from(values), dims);
  }

  ints(values: readonly number[], dims: readonly number[] = [values.length]): string {
    return this.constant('int64', BigInt64Array.from(values, BigInt), dims);
  }

  constant(
    dtype: ElementType,
    { buffer, byteOffset, byteLength }: ArrayBufferView,
    dims: readonly number[],
  ): string {
    const name = this.fresh('constant');
    const rawData = new Uint8Array(buffer, byteOffset, byteLength);
    this.initializers.push({ name, dataType: ELEMENT[dtype], dims: [...dims], rawData });
    return name;
  }

  /** Declares an output, computed by the value of that name so far. */
  addOutput(value: string, name: string, dtype: ElementType, shape: readonly Size[]): void {
    this.rename(value, name);
    this.outputs.push(valueInfo(name, dtype, shape));
  }

  setInput(name: string, dtype: ElementType, shape: readonly Size[]): void {
    this.inputs.splice(0, this.inputs.length, valueInfo(name, dtype, shape));
  }

  /** Takes the outputs off and returns the values that they copied, in their order. */
  takeOutputs(): string[] {
    return this.outputs.splice(0).map(({ name }) => this.#withoutCopy(String(name)));
  }

  #withoutCopy(name: string): string {
    const index = this.nodes.findIndex(({ output }) => output?.includes(name));
    const node = this.nodes[index];
    if (node?.opType !== 'Identity') return name;
    this.nodes.splice(index, 1);
    return node.input?.[0] ?? name;
  }

  rename(value: string, name: string): void {
    const renamed = (names: readonly string[] | null | undefined) =>
      names?.map((one) => (one === value ? name : one)) ?? [];
    for (const node of this.nodes) {
      node.input = renamed(node.input);
      node.output = renamed(node.output);
    }
  }

  /** Nodes that read a value. */
  readersOf(value: string): OnnxNode[] {
    return this.nodes.filter(({ input }) => input?.includes(value));
  }

  initializer(name: string): Initializer | undefined {
    return this.initializers.find((one) => one.name === name);
  }

  /** Drops initializers that nothing reads. */
  prune(): void {
    const read = new Set(this.nodes.flatMap(({ input }) => input ?? []));
    const kept = this.initializers.filter(({ name }) => read.has(String(name)));
    this.initializers.splice(0, this.initializers.length, ...kept);
  }

  encode(opset: number, metadata: Readonly<Record<string, string>>): Uint8Array {
    const foreign = this.nodes.find(({ domain }) => domain);
    if (foreign)
      throw new ExportError(`op ${foreign.opType} is of ${foreign.domain}, not of the ONNX standard`);
    const model = onnx.ModelProto.create({
      irVersion: IR_VERSION,
      producerName: 'froyolo',
      opsetImport: [{ domain: '', version: opset }],
      graph: {
        name: 'froyolo',
        node: this.nodes,
        initializer: this.initializers,
        input: this.inputs,
        output: this.outputs,
      },
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    });
    return onnx.ModelProto.encode(model).finish();
  }
}

function encodeAttribute([name, value]: [string, Attribute]): onnxProto.onnx.IAttributeProto {
  if (typeof value === 'number') return { name, type: ATTRIBUTE.INT, i: value };
  if (typeof value === 'string') return { name, type: ATTRIBUTE.STRING, s: new TextEncoder().encode(value) };
  if ('float' in value) return { name, type: ATTRIBUTE.FLOAT, f: value.float };
  return { name, type: ATTRIBUTE.INTS, ints: [...value] };
}

function valueInfo(name: string, dtype: ElementType, shape: readonly Size[]): ValueInfo {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: ELEMENT[dtype], shape: { dim } } } };
}

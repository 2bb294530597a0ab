/** Collects ONNX nodes and initializers and encodes them as a `ModelProto` (https://onnx.ai/onnx/repo-docs/IR.html). */
import onnxProto from 'onnx-proto';
import { toFloat16 } from '../../graph/float16.js';
import { type DType, GraphError, type Shape, type Tensor } from '../../graph/node.js';
import { BLOCKED, type OnnxOpName } from './ops.js';
import type { OnnxAttr, OnnxAttrs } from './value.js';

const { onnx } = onnxProto;

/** Low enough to be read by every onnxruntime from 1.12 on; high enough for scatter with `reduction`. */
const OPSET = 17;
const IR_VERSION = 8;
export const CONTRIB = 'com.microsoft';

const TENSOR_TYPE = { float32: 1, uint8: 2, int32: 6, int64: 7, float16: 10 } as const;
const ATTRIBUTE_TYPE = { FLOAT: 1, INT: 2, STRING: 3, TENSOR: 4, INTS: 7 } as const;

export interface EmitOptions {
  readonly attrs?: OnnxAttrs;
  readonly domain?: string;
}

export interface ValueInfo {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
}

export interface EmittedNode {
  readonly opType: OnnxOpName;
  /** Names of values; '' for an optional one that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: [first: string, ...others: string[]];
  readonly options: EmitOptions;
}

/** A constant of the model. */
export interface Initializer {
  readonly name: string;
  readonly dtype: keyof typeof TENSOR_TYPE;
  readonly dims: readonly number[];
  readonly data: Uint8Array;
}

export class ModelBuilder {
  readonly #nodes: EmittedNode[] = [];
  readonly #initializers: Initializer[] = [];
  /** Same op on the same inputs is emitted once. */
  readonly #known = new Map<string, EmittedNode>();
  readonly #knownInitializers = new Map<string, string>();
  #count = 0;

  /** Nodes in the order of emission. */
  get nodes(): readonly EmittedNode[] {
    return this.#nodes;
  }

  get initializers(): readonly Initializer[] {
    return this.#initializers;
  }

  /** Adds a node and returns the name of its first output. */
  emit(opType: OnnxOpName, inputs: readonly string[], options: EmitOptions = {}): string {
    const key = `${options.domain ?? ''}:${opType}(${inputs}) ${JSON.stringify(options.attrs ?? {})}`;
    const known = this.#known.get(key);
    if (known) return known.outputs[0];
    const node: EmittedNode = { opType, inputs, outputs: [this.#fresh(opType)], options };
    this.#nodes.push(node);
    this.#known.set(key, node);
    return node.outputs[0];
  }

  /** Name of the output `index` of the node whose first output is `name`; the node gets that output if it lacks it. */
  extraOutput(name: string, index: number): string {
    const node = this.#nodes.find((n) => n.outputs[0] === name);
    if (!node) throw new GraphError(`no ONNX node makes "${name}"`);
    for (;;) {
      const output = node.outputs[index];
      if (output !== undefined) return output;
      node.outputs.push(this.#fresh(node.opType));
    }
  }

  /** Copies a value under a given name: graph outputs need names of their own. */
  identity(value: string, name: string): void {
    this.#nodes.push({ opType: 'Identity', inputs: [value], outputs: [name], options: {} });
  }

  floats(values: readonly number[] | Float32Array, shape: readonly number[]): string {
    return this.#initializer('float32', Float32Array.from(values), shape);
  }

  halves(values: readonly number[] | Float32Array, shape: readonly number[]): string {
    const data = new Uint16Array(values.length);
    toFloat16(Float32Array.from(values), data);
    return this.#initializer('float16', data, shape);
  }

  tensor(value: Tensor): string {
    return this.#initializer(value.dtype, value.data, value.shape);
  }

  int64s(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.#initializer('int64', BigInt64Array.from(values, BigInt), shape);
  }

  encode(inputs: readonly ValueInfo[], outputs: readonly ValueInfo[]): Uint8Array {
    const graph = onnx.GraphProto.create({
      name: 'froyolo',
      node: this.#nodes.map(encodeNode),
      initializer: this.#initializers.map(encodeInitializer),
      input: inputs.map(encodeValueInfo),
      output: outputs.map(encodeValueInfo),
    });
    const model = onnx.ModelProto.create({
      irVersion: IR_VERSION,
      producerName: 'froyolo',
      opsetImport: [
        { domain: '', version: OPSET },
        { domain: CONTRIB, version: 1 },
        { domain: BLOCKED, version: 1 },
      ],
      graph,
    });
    return onnx.ModelProto.encode(model).finish();
  }

  #initializer(dtype: Initializer['dtype'], view: ArrayBufferView, dims: readonly number[]): string {
    const data = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    const key = data.length <= 1024 ? `${dtype} [${dims}] ${data}` : undefined;
    const known = key === undefined ? undefined : this.#knownInitializers.get(key);
    if (known !== undefined) return known;
    const name = this.#fresh('c');
    this.#initializers.push({ name, dtype, dims, data });
    if (key !== undefined) this.#knownInitializers.set(key, name);
    return name;
  }

  #fresh(prefix: string): string {
    return `${prefix}_${this.#count++}`;
  }
}

function encodeNode({ opType, inputs, outputs, options }: EmittedNode) {
  return onnx.NodeProto.create({
    name: outputs[0],
    opType,
    domain: options.domain ?? '',
    input: [...inputs],
    output: [...outputs],
    attribute: Object.entries(options.attrs ?? {}).map(encodeAttribute),
  });
}

function encodeInitializer({ name, dtype, dims, data }: Initializer) {
  return onnx.TensorProto.create({ name, dataType: TENSOR_TYPE[dtype], dims: [...dims], rawData: data });
}

function encodeAttribute([name, value]: [string, OnnxAttr]) {
  if (typeof value === 'number') return { name, type: ATTRIBUTE_TYPE.INT, i: value };
  if (typeof value === 'string')
    return { name, type: ATTRIBUTE_TYPE.STRING, s: new TextEncoder().encode(value) };
  if ('float' in value) return { name, type: ATTRIBUTE_TYPE.FLOAT, f: value.float };
  return { name, type: ATTRIBUTE_TYPE.INTS, ints: [...value] };
}

function encodeValueInfo({ name, dtype, shape }: ValueInfo) {
  const dim = shape.map((d) => (typeof d === 'number' ? { dimValue: d } : { dimParam: d }));
  return { name, type: { tensorType: { elemType: TENSOR_TYPE[dtype], shape: { dim } } } };
}

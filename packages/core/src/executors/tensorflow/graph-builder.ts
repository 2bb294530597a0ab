/** Collects TensorFlow nodes. */
import { numel } from '@froyolo/common';
import type { Tensor } from '../../graph/node.js';
import { sameShape } from '../../ops/shapes.js';
import type { AttrValue, NodeDef, TensorShapeProto } from './proto.js';

/** Numbers of TensorFlow's types. */
export const TF_TYPE = {
  float32: 1,
  int32: 3,
  uint8: 4,
  int64: 9,
  bool: 10,
  uint16: 17,
  float16: 19,
  resource: 20,
} as const;

export type TfType = keyof typeof TF_TYPE;

/** `-1` is a size that is not known. */
export const shapeProto = (sizes: readonly number[]): TensorShapeProto => ({
  dim: sizes.map((size) => ({ size })),
});

const text = (value: string) => new TextEncoder().encode(value);

/** Makers of attributes, named by what they hold. */
export const attr = {
  type: (dtype: TfType): AttrValue => ({ type: TF_TYPE[dtype] }),
  int: (i: number): AttrValue => ({ i }),
  float: (f: number): AttrValue => ({ f }),
  bool: (b: boolean): AttrValue => ({ b }),
  string: (s: string): AttrValue => ({ s: text(s) }),
  ints: (i: readonly number[]): AttrValue => ({ list: { i } }),
  shape: (sizes: readonly number[]): AttrValue => ({ shape: shapeProto(sizes) }),
};

export interface EmitOptions {
  readonly attrs?: Readonly<Record<string, AttrValue>>;
  /** Nodes, or values of nodes, that must have been computed before. */
  readonly after?: readonly string[];
  /** Emitted even where the same op on the same inputs is there already: it has effects, or a name of its own. */
  readonly own?: boolean;
  /** Name of the node, for one that callers look up. */
  readonly name?: string;
}

function bytesOf({ buffer, byteOffset, byteLength }: Tensor['data']): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Builds the nodes of a TensorFlow graph; equal ops on equal inputs become one node. */
export class GraphBuilder {
  readonly nodes: NodeDef[] = [];
  readonly #known = new Map<string, string>();
  /** Values of the constants by their nodes. */
  readonly #values = new Map<string, Tensor>();
  /** Nodes of long constants by their elements: signatures share them. */
  readonly #constants = new Map<Tensor['data'], string>();

  /** Adds a node and returns its name, which is that of its first output. The same op on the same inputs is added once. */
  emit(
    op: string,
    inputs: readonly string[],
    { attrs = {}, after = [], own = false, name }: EmitOptions = {},
  ): string {
    const input = [...inputs, ...after.map((value) => `^${value.split(':')[0]}`)];
    if (own || name !== undefined) return this.#add({ op, input, attr: attrs }, name);
    const key = JSON.stringify([op, input, attrs]);
    const known = this.#known.get(key) ?? this.#add({ op, input, attr: attrs });
    this.#known.set(key, known);
    return known;
  }

  #add(node: Omit<NodeDef, 'name'>, name = `${node.op}_${this.nodes.length}`): string {
    this.nodes.push({ name, ...node });
    return name;
  }

  constant(value: Tensor): string {
    const { dtype, shape, data } = value;
    const known = this.#constants.get(data);
    if (known !== undefined && sameShape(this.#values.get(known)?.shape ?? [], shape)) return known;
    const content = { dtype: TF_TYPE[dtype], tensorShape: shapeProto(shape), tensorContent: bytesOf(data) };
    const isLong = data.length > 64;
    const name = this.emit('Const', [], {
      attrs: { dtype: attr.type(dtype), value: { tensor: content } },
      own: isLong,
    });
    if (isLong) this.#constants.set(data, name);
    this.#values.set(name, value);
    return name;
  }

  /** The value of a constant. */
  valueOf(node: string): Tensor | undefined {
    return this.#values.get(node);
  }

  /** The constant with its axes in another order. */
  transposed(node: string, value: Tensor, perm: readonly number[]): string {
    const key = `${node} ${perm}`;
    const known = this.#known.get(key) ?? this.constant(transposed(value, perm));
    this.#known.set(key, known);
    return known;
  }

  /** The nodes that some need, in order. */
  neededFor(names: readonly string[]): NodeDef[] {
    const byName = new Map(this.nodes.map((node) => [node.name, node]));
    const needed = new Set<NodeDef>();
    const pending = [...names];
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      const node = byName.get(name.replace(/^\^/, '').split(':')[0]);
      if (!node || needed.has(node)) continue;
      needed.add(node);
      pending.push(...node.input);
    }
    return this.nodes.filter((node) => needed.has(node));
  }

  /** `[values.length]` */
  int32s(values: readonly number[]): string {
    return this.constant({ dtype: 'int32', shape: [values.length], data: Int32Array.from(values) });
  }

  int32(value: number): string {
    return this.constant({ dtype: 'int32', shape: [], data: Int32Array.of(value) });
  }

  float(value: number): string {
    return this.constant({ dtype: 'float32', shape: [], data: Float32Array.of(value) });
  }

  floats(values: readonly number[]): string {
    return this.constant({ dtype: 'float32', shape: [values.length], data: Float32Array.from(values) });
  }
}

function transposed(tensor: Tensor, perm: readonly number[]): Tensor {
  const strides = tensor.shape.map((_, axis) => numel(tensor.shape.slice(axis + 1)));
  const shape = perm.map((axis) => tensor.shape[axis]);
  const data = tensor.data.slice();
  const moved = perm.map((axis) => strides[axis]);
  const at = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < data.length; to++) {
    data[to] = tensor.data[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += moved[axis];
      if (++at[axis] < shape[axis]) break;
      from -= moved[axis] * shape[axis];
      at[axis] = 0;
    }
  }
  return { ...tensor, shape, data };
}

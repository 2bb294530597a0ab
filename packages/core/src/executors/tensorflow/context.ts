/** What lowerings work with: values of the TensorFlow graph in whichever layout they lie, and the ops they all need. */
import { type Dim, type DType, GraphError, type Node, type Shape, type Tensor } from '../../graph/node.js';
import type { MappedInputs, OpNode } from '../../ops/op-node.js';
import type { OpName } from '../../ops/table.js';
import { between, identity, isIdentity, type Layout, NHWC } from '../tfjs/layout.js';
import { attr, type EmitOptions, type GraphBuilder, type TfType } from './graph-builder.js';

/** Order of an image's axes: TensorFlow's kernels for CPUs know `NHWC` alone. */
export type ImageFormat = 'NHWC' | 'NCHW';

export interface Value {
  /** Name of the TensorFlow tensor. */
  readonly name: string;
  /** Shape in the graph; symbolic sizes are known only at run time. */
  readonly shape: Shape;
  readonly dtype: DType;
  /** Order in which its axes are stored. */
  readonly layout: Layout;
}

export interface ContextOptions {
  readonly format: ImageFormat;
  /** Sums over the pixels of a channel as several ops, of shorter sums. Default true. */
  readonly sumsByRow?: boolean;
  /** The tensor and its axis whose size a symbol names. */
  readonly sizes: ReadonlyMap<
    string,
    { readonly tensor: string; readonly dtype: TfType; readonly axis: number }
  >;
}

export class Context {
  readonly builder: GraphBuilder;
  readonly format: ImageFormat;
  /** How images are stored. */
  readonly image: Layout;
  readonly sumsByRow: boolean;
  readonly #sizes: ContextOptions['sizes'];

  constructor(builder: GraphBuilder, { format, sizes, sumsByRow = true }: ContextOptions) {
    this.builder = builder;
    this.format = format;
    this.sumsByRow = sumsByRow;
    this.image = format === 'NHWC' ? NHWC : identity(4);
    this.#sizes = sizes;
  }

  /** Adds an op of elements of type `T`. */
  emit(op: string, inputs: readonly string[], T: TfType, attrs: EmitOptions['attrs'] = {}): string {
    return this.builder.emit(op, inputs, { attrs: { T: attr.type(T), ...attrs } });
  }

  /** The layout of a value with its channels where this context's images have them. */
  channelLayout(rank: number): Layout {
    if (this.format === 'NCHW') return identity(rank);
    return [...identity(rank).filter((axis) => axis !== 1), 1];
  }

  value(
    name: string,
    { shape, dtype }: Pick<Node, 'shape' | 'dtype'>,
    layout = identity(shape.length),
  ): Value {
    return { name, shape, dtype, layout };
  }

  /** A value known when the graph is lowered, so that moves of it are done here. */
  constant(value: Tensor, node: Node): Value {
    return this.value(this.builder.constant(value), node);
  }

  /** The tensor of a value in a layout. */
  in({ name, shape, dtype, layout }: Value, wanted: Layout): string {
    const perm = between(layout, wanted);
    if (isIdentity(perm)) return name;
    const from = layout.map((axis) => shape[axis]);
    const moved = perm.filter((axis) => from[axis] !== 1);
    if (moved.every((axis, i) => i === 0 || moved[i - 1] < axis))
      return this.reshape(
        name,
        perm.map((axis) => from[axis]),
        dtype,
      );
    return this.transpose(name, perm, dtype);
  }

  /** The tensor of a value with its axes in the graph's order. */
  plain(value: Value): string {
    return this.in(value, identity(value.shape.length));
  }

  transpose(x: string, perm: readonly number[], dtype: TfType): string {
    const constant = this.builder.valueOf(x);
    if (constant) return this.builder.transposed(x, constant, perm);
    return this.emit('Transpose', [x, this.builder.int32s(perm)], dtype, { Tperm: attr.type('int32') });
  }

  reshape(x: string, shape: Shape, dtype: TfType): string {
    const symbolic = shape.filter((d) => typeof d === 'string').length;
    const target =
      symbolic > 1
        ? this.shapeTensor(shape)
        : this.builder.int32s(shape.map((d) => (typeof d === 'string' ? -1 : d)));
    return this.emit('Reshape', [x, target], dtype, { Tshape: attr.type('int32') });
  }

  cast(x: string, from: TfType, to: TfType): string {
    if (from === to) return x;
    return this.builder.emit('Cast', [x], { attrs: { SrcT: attr.type(from), DstT: attr.type(to) } });
  }

  /** A shape as an int32 vector: a constant, or computed where sizes are symbolic. */
  shapeTensor(shape: Shape): string {
    if (shape.every((d) => typeof d === 'number')) return this.builder.int32s(shape);
    return this.emit(
      'Pack',
      shape.map((d) => this.size(d)),
      'int32',
      { N: attr.int(shape.length), axis: attr.int(0) },
    );
  }

  /** A size as an int32 scalar; a product such as `batch*48` is computed. */
  size(d: Dim): string {
    if (typeof d === 'number') return this.builder.int32(d);
    const factors = d
      .split('*')
      .map((factor) =>
        Number.isNaN(Number(factor)) ? this.#symbol(factor) : this.builder.int32(Number(factor)),
      );
    return factors.reduce((a, b) => this.emit('Mul', [a, b], 'int32'));
  }

  #symbol(symbol: string): string {
    const source = this.#sizes.get(symbol);
    if (!source) throw new GraphError(`no input has an axis of size "${symbol}"`);
    const shape = this.emit('Shape', [source.tensor], source.dtype, { out_type: attr.type('int32') });
    const [begin, end, step] = [source.axis, source.axis + 1, 1].map((i) => this.builder.int32s([i]));
    return this.emit('StridedSlice', [shape, begin, end, step], 'int32', {
      Index: attr.type('int32'),
      shrink_axis_mask: attr.int(1),
    });
  }
}

export type Lowering<O extends OpName> = (
  context: Context,
  node: OpNode<O>,
  inputs: MappedInputs<O, Value>,
) => Value;

/** Lowering of an op that only this executor has. */
export type OwnLowering = (context: Context, node: Node, inputs: readonly Value[]) => Value;

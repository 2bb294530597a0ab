/** TensorFlow's ops by name, for what is added to a lowered graph. */
import type { AttrValue, attr, GraphBuilder, TfType } from '@froyolo/core/tensorflow';

/** Numbers, or names of sizes that each run decides. */
export type Sizes = readonly (number | string)[];

/** A value and the node, or the output of a node, that computes it. */
export interface Computed {
  readonly tensor: string;
  readonly shape: Sizes;
  readonly dtype: TfType;
}

export class GraphWriter {
  readonly builder: GraphBuilder;
  readonly attr: typeof attr;

  constructor(builder: GraphBuilder, attrs: typeof attr) {
    this.builder = builder;
    this.attr = attrs;
  }

  /** Adds an op of elements of type `T` and returns its first output. */
  op(
    name: string,
    inputs: readonly string[],
    T: TfType = 'float32',
    more: Readonly<Record<string, AttrValue>> = {},
  ): string {
    return this.builder.emit(name, inputs, { attrs: { T: this.attr.type(T), ...more } });
  }

  identity(tensor: string, dtype: TfType, name: string): string {
    return this.builder.emit('Identity', [tensor], { attrs: { T: this.attr.type(dtype) }, name });
  }

  /** `size` −1 is all that is left. */
  slice(x: string, begin: readonly number[], size: readonly number[]): string {
    const { builder } = this;
    return this.op('Slice', [x, builder.int32s(begin), builder.int32s(size)], 'float32', {
      Index: this.attr.type('int32'),
    });
  }

  /** A part of the last of three axes. */
  columns(x: string, begin: number, size: number): string {
    return this.slice(x, [0, 0, begin], [-1, -1, size]);
  }

  reshape(x: string, shape: readonly number[]): string {
    return this.op('Reshape', [x, this.builder.int32s(shape)], 'float32', {
      Tshape: this.attr.type('int32'),
    });
  }

  concat(parts: readonly string[], axis: number): string {
    return this.op('ConcatV2', [...parts, this.builder.int32(axis)], 'float32', {
      N: this.attr.int(parts.length),
      Tidx: this.attr.type('int32'),
    });
  }

  /** One more axis, the first. */
  pack(parts: readonly string[], dtype: TfType): string {
    return this.op('Pack', parts, dtype, { N: this.attr.int(parts.length), axis: this.attr.int(0) });
  }

  gather(x: string, index: string): string {
    return this.builder.emit('GatherV2', [x, index, this.builder.int32(0)], {
      attrs: {
        Tparams: this.attr.type('float32'),
        Tindices: this.attr.type('int32'),
        Taxis: this.attr.type('int32'),
      },
    });
  }

  cast(x: string, from: TfType, to: TfType): string {
    return this.builder.emit('Cast', [x], {
      attrs: { SrcT: this.attr.type(from), DstT: this.attr.type(to) },
    });
  }
}

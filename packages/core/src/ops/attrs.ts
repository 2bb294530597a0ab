/** Types of the attributes that several ops share. Aliases, not interfaces: only those are `Attrs` too. */

/** A value for the height and one for the width. */
export type Pair = readonly [height: number, width: number];

export type NoAttrs = Record<never, never>;

/** Movement of a window of pixels over an image. */
export type WindowAttrs = {
  readonly stride: Pair;
  /** Zeros on each side. */
  readonly pad: Pair;
};

export type ConvAttrs = WindowAttrs & {
  readonly dilation: Pair;
  readonly groups: number;
};

export type PoolAttrs = WindowAttrs & { readonly kernel: Pair };

export type ReduceAttrs = {
  readonly axes: readonly number[];
  /** 1: reduced axes stay, with size 1. */
  readonly keepDims: 0 | 1;
};

/** One number for both axes, or one for each. */
export const pairOf = (value: number | Pair): Pair => (typeof value === 'number' ? [value, value] : value);

/** Sums over the pixels of a convolution's result that its own launch starts, while it has each value at hand. */
import type { Node } from '../graph/node.js';
import { isOfKind, isOp } from '../ops/op-node.js';
import { sameShape } from '../ops/shapes.js';
import { readsOf } from './roles.js';

/** A sum per channel, to which a convolution contributes a share for each of its tiles. */
export interface TileSum {
  readonly node: Node;
  /** Slices of the convolution's values that it reads, if it reads only some channels: all slices have the same ones. */
  readonly slices: readonly Node[];
}

/**
 * Whether a convolution can start a sum: of values that need, of its own ones, those at the very element alone.
 * @param own what the convolution's launch computes, all of one shape
 * @param isStored whether a value is in memory; such values are there before the launch
 */
export function tileSumOf(
  node: Node,
  own: readonly Node[],
  isStored: (node: Node) => boolean,
): TileSum | undefined {
  const [conv] = own;
  if (!isOp(node, 'channelSum', 'channelDot') || node.inputs[0].shape.length !== 4 || !conv) return undefined;
  const entries = new Entries(own, isStored);
  if (!node.inputs.every((x) => entries.follow(x))) return undefined;
  const found = [...entries.found];
  const slices = found.filter((x) => !own.includes(x));
  if (!sliceAlike(slices) || found.some((x) => !sameShape(x.shape, node.inputs[0].shape))) return undefined;
  return found.length > 0 ? { node, slices } : undefined;
}

/** Finds where values of a launch enter an expression. */
class Entries {
  /** Values of the launch, and slices of them. */
  readonly found = new Set<Node>();
  readonly #own: readonly Node[];
  readonly #isStored: (node: Node) => boolean;
  readonly #followed = new Set<Node>();
  readonly #searched = new Set<Node>();

  constructor(own: readonly Node[], isStored: (node: Node) => boolean) {
    this.#own = own;
    this.#isStored = isStored;
  }

  /** Whether an element of `x` needs the element at the same place alone of each value of the launch. */
  follow(x: Node): boolean {
    if (this.#isEntry(x)) this.found.add(x);
    if (this.#isEntry(x) || this.#isStored(x) || this.#followed.has(x)) return true;
    this.#followed.add(x);
    return readsOf(x).every((y) =>
      isOfKind(x, 'elementwise') && sameShape(x.shape, y.shape) ? this.follow(y) : !this.#reaches(y),
    );
  }

  #isEntry(x: Node): boolean {
    if (this.#own.includes(x)) return true;
    return isOp(x, 'slice') && x.attrs.axis === 1 && this.#own.includes(x.inputs[0]);
  }

  #reaches(x: Node): boolean {
    if (this.#own.includes(x)) return true;
    if (this.#searched.has(x) || this.#isStored(x)) return false;
    this.#searched.add(x);
    return readsOf(x).some((y) => this.#reaches(y));
  }
}

/** Whether all take the same channels. */
const sliceAlike = (slices: readonly Node[]) => new Set(slices.map(startOf)).size <= 1;

/** The first channel that a slice takes. */
export const startOf = (node: Node) => (isOp(node, 'slice') ? node.attrs.start : 0);

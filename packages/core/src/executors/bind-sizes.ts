/** Symbolic sizes get their values from the shapes of what is fed. */
import type { NamedLeaf } from '../graph/leaves.js';
import { GraphError } from '../graph/node.js';
import { sizeOf } from '../ops/shapes.js';

/** Shape of a feed, and its type, which is checked if given. */
export interface Fed {
  readonly dtype?: string;
  readonly shape: readonly number[];
}

/**
 * Values of the symbolic sizes that the `input` and `param` leaves declare.
 * @throws GraphError naming the leaf, its declared and its actual shape, when a feed is missing or doesn't fit.
 */
export function bindSizes(
  leaves: Iterable<NamedLeaf>,
  feeds: Readonly<Record<string, Fed | undefined>>,
): Record<string, number> {
  const sizes: Record<string, number> = {};
  const fed = [...leaves].map((leaf) => [leaf, requireFeed(leaf, feeds[leaf.name])] as const);
  for (const [leaf, { shape }] of fed)
    leaf.shape.forEach((d, axis) => {
      if (typeof d === 'string' && !d.includes('*')) sizes[d] ??= shape[axis];
    });
  for (const [leaf, { shape }] of fed) {
    const expected = leaf.shape.map((d) => sizeOf(d, sizes));
    if (expected.some((d, axis) => d !== shape[axis])) {
      const bound = leaf.shape.some((d) => typeof d === 'string') ? ` (here [${expected}])` : '';
      throw new GraphError(`${leaf.op} "${leaf.name}" should be [${leaf.shape}]${bound}, is [${shape}]`);
    }
  }
  return sizes;
}

function requireFeed(leaf: NamedLeaf, feed: Fed | undefined): Fed {
  const declared = `${leaf.op} "${leaf.name}" [${leaf.shape}] ${leaf.dtype}`;
  if (!feed) throw new GraphError(`${declared} is not given`);
  if (feed.shape.length !== leaf.shape.length) throw new GraphError(`${declared}: got [${feed.shape}]`);
  if (feed.dtype !== undefined && feed.dtype !== leaf.dtype)
    throw new GraphError(`${declared}: got ${feed.dtype}`);
  return feed;
}

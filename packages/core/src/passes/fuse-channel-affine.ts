import type { Graph, Node } from '../graph/node.js';
import { add, channelAffine, channelAffine2 } from '../ops/build.js';
import { isOp } from '../ops/op-node.js';
import { rewrite, sameType } from './rewrite.js';

/** Σ x · scale[c] over its terms, plus shift[c]. */
interface Affine {
  readonly terms: readonly { readonly x: Node; readonly scale: Node }[];
  readonly shift: Node;
}

/**
 * Sums of per-channel affine maps of at most two images become one op. So the gradient of batch normalization,
 * three maps that meet in two additions, is A[c] · dy + B[c] · x + C[c] in a single pass over memory.
 */
export function fuseChannelAffine(graph: Graph): Graph {
  return rewrite(graph, (node) => {
    if (!isOp(node, 'add')) return undefined;
    const [left, right] = node.inputs;
    const [a, b] = [asAffine(left), asAffine(right)];
    return a && b && sameType(left, right) ? build(sumOf(a, b)) : undefined;
  });
}

function asAffine(node: Node): Affine | undefined {
  if (isOp(node, 'channelAffine')) {
    const [x, scale, shift] = node.inputs;
    return { terms: [{ x, scale }], shift };
  }
  if (!isOp(node, 'channelAffine2')) return undefined;
  const [x, a, y, b, shift] = node.inputs;
  return {
    terms: [
      { x, scale: a },
      { x: y, scale: b },
    ],
    shift,
  };
}

function sumOf(a: Affine, b: Affine): Affine {
  const scales = new Map<Node, Node>();
  for (const { x, scale } of [...a.terms, ...b.terms]) {
    const sum = scales.get(x);
    scales.set(x, sum ? add(sum, scale) : scale);
  }
  return { terms: [...scales].map(([x, scale]) => ({ x, scale })), shift: add(a.shift, b.shift) };
}

function build({ terms: [first, second, ...others], shift }: Affine): Node | undefined {
  if (!first || others.length > 0) return undefined;
  if (!second) return channelAffine(first.x, first.scale, shift);
  return channelAffine2(first.x, first.scale, second.x, second.scale, shift);
}

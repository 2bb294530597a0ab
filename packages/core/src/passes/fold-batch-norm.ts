import type { Graph, Node } from '../graph/node.js';
import { apply } from '../ops/apply.js';
import { add, mul, reshape } from '../ops/build.js';
import { isOp, type OpNode } from '../ops/op-node.js';
import { dimAt } from '../ops/shapes.js';
import { countUses, rewrite } from './rewrite.js';

/**
 * Batch normalization with constant statistics, scale and shift (`channelAffine` by constants) right after a
 * convolution that nothing else reads becomes part of the convolution: a(w·x + b) + c = (a·w)·x + (a·b + c).
 * Run it after `foldConstants`, and `foldConstants` again to compute the new weights.
 */
export function foldBatchNorm(graph: Graph): Graph {
  const uses = countUses(graph);
  return rewrite(graph, (node, original) => {
    if (!isOp(node, 'channelAffine')) return undefined;
    const [conv, scale, shift] = node.inputs;
    if (!isOp(conv, 'conv2d') || original.inputs.slice(0, 1).some((x) => uses.get(x) !== 1)) return undefined;
    return scale.value && shift.value ? scaledConv(conv, scale, shift) : undefined;
  });
}

function scaledConv(conv: OpNode<'conv2d'>, scale: Node, shift: Node): Node {
  const [x, weight, bias] = conv.inputs;
  const scaledWeight = mul(weight, reshape(scale, [dimAt(scale.shape, 0), 1, 1, 1]));
  return apply('conv2d', [x, scaledWeight, bias ? add(mul(bias, scale), shift) : shift], conv.attrs);
}

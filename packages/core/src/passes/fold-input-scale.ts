import type { Graph, Node } from '../graph/node.js';
import { apply } from '../ops/apply.js';
import { div, mul } from '../ops/build.js';
import { isOp } from '../ops/op-node.js';
import { rewrite } from './rewrite.js';

/**
 * A convolution with a constant weight reads x · s or x / s (s a constant scalar): the weight takes the factor, and a
 * pass over the image disappears. So do the 1/255 of pixels before a frozen first layer. Run `foldConstants`
 * before it and after it.
 */
export function foldInputScale(graph: Graph): Graph {
  return rewrite(graph, (node) => {
    if (!isOp(node, 'conv2d')) return undefined;
    const [scaled, weight, ...bias] = node.inputs;
    if (!weight.value || !isOp(scaled, 'mul', 'div')) return undefined;
    const [x, by] = scaled.inputs;
    const scale = scaled.op === 'mul' ? mul : div;
    return isScalar(by) ? apply('conv2d', [x, scale(weight, by), ...bias], node.attrs) : undefined;
  });
}

const isScalar = ({ value, shape }: Node) => value !== undefined && shape.length === 0;

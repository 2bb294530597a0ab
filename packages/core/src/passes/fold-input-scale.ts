import type { Graph, Node } from '../graph/node.js';
import { div, mul } from '../ops/build.js';
import { apply } from '../ops/table.js';
import { rewrite } from './rewrite.js';

/**
 * A convolution with a constant weight reads x · s or x / s (s a constant scalar): the weight takes the factor, and a
 * pass over the image disappears. So do the 1/255 of pixels before a frozen first layer. Run `foldConstants`
 * before it and after it.
 */
export function foldInputScale(graph: Graph): Graph {
  return rewrite(graph, (node) => {
    if (node.op !== 'conv2d' || !node.inputs[1].value) return undefined;
    const [scaled, weight, ...bias] = node.inputs;
    const scale = FACTORS[scaled.op];
    const [x, by] = scaled.inputs;
    return scale && isScalar(by) ? apply('conv2d', [x, scale(weight, by), ...bias], node.attrs) : undefined;
  });
}

const FACTORS: Readonly<Record<string, ((weight: Node, by: Node) => Node) | undefined>> = { mul, div };

const isScalar = ({ value, shape }: Node) => value !== undefined && shape.length === 0;

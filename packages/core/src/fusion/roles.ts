/** What a fused launch can compute on the fly, and what needs a launch of its own. */
import type { Dim, Node, Shape } from '../graph/node.js';
import { isOfKind, isOp } from '../ops/op-node.js';
import { isInLeaf } from './views.js';

/**
 * How the value of a node is computed.
 * - `leaf`: it is in memory before the run, on its own or as a part of another
 * - `inline`: computed wherever it is read, element by element
 * - `loop`: the same, but each element visits many
 * - `prepared`: a launch of its own writes parts (partial sums, positions), which each reading puts together in a loop
 * - `direct`: a launch of its own writes it
 */
export type Role = 'leaf' | 'inline' | 'loop' | 'prepared' | 'direct';

/** Reductions of fewer elements are loops of the threads that read them. */
const SHORT_REDUCTION = 32;

export function roleOf(node: Node): Role {
  if (isInLeaf(node)) return 'leaf';
  if (isOp(node, 'conv2d', 'conv2dBackwardInput')) return 'direct';
  if (isOp(node, 'conv2dBackwardWeight', 'scatterAddRows', 'maxPool2dBackward')) return 'prepared';
  if (isReduction(node)) return isShort(node) ? 'loop' : 'prepared';
  return isOp(node, 'matmul', 'maxPool2d', 'avgPool2d') ? 'loop' : 'inline';
}

export const isReduction = (node: Node) => isOp(node, 'channelSum', 'channelDot', 'reduceSum', 'reduceMax');

/** Axes over which a reduction runs. */
export function reducedAxes(node: Node): readonly number[] {
  if (isOp(node, 'reduceSum', 'reduceMax')) return node.attrs.axes;
  return node.inputs[0].shape.map((_, axis) => axis).filter((axis) => axis !== 1);
}

const isShort = (node: Node) => {
  const sizes = reducedAxes(node).map((axis) => node.inputs[0].shape[axis]);
  return sizes.every((d) => typeof d === 'number') && estimate(sizes) <= SHORT_REDUCTION;
};

/** The number of elements, with a guess for each size that only a run knows. */
export const estimate = (shape: Shape): number => shape.reduce<number>((n, d) => n * guess(d), 1);

const SYMBOLIC = 64;

const guess = (d: Dim): number =>
  typeof d === 'number' ? d : d.split('*').reduce((n, factor) => n * (Number(factor) || SYMBOLIC), 1);

/** The inputs whose values a launch really reads, in place of `node.inputs`. */
export function readsOf(node: Node): readonly Node[] {
  if (isOp(node, 'maxPool2dBackward')) return node.inputs.slice(0, 2);
  return isOp(node, 'size') ? [] : node.inputs;
}

/** Whether a node visits each element of its inputs several times, so that they must be in memory. */
export function readsMemory(node: Node): boolean {
  return (
    isOp(node, 'conv2d', 'conv2dBackwardInput', 'conv2dBackwardWeight', 'matmul', 'scatterAddRows') ||
    isOfKind(node, 'pooling')
  );
}

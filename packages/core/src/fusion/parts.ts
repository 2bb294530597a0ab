/** What launches read and write: values, and parts prepared for values that are assembled where they are read. */
import type { Dim, Node } from '../graph/node.js';
import type { Sizes } from '../ops/op.js';
import { isOp } from '../ops/op-node.js';
import { count } from '../ops/shapes.js';
import type { Launch } from './plan.js';
import { estimate, reducedAxes, roleOf } from './roles.js';
import { isPacked } from './views.js';

/**
 * A value itself, or what a launch prepared for it: `next` continues the lists that start at `parts`, `marks` has a bit
 * for each row that has such a list, and `tiles` is the share of each tile of a convolution in a sum.
 */
export type Part = 'value' | 'parts' | 'next' | 'marks' | 'tiles';

/** Pixels of a convolution's result that a workgroup computes. */
export const TILE_PIXELS = 64;
/** Rows that a word of `marks` has a bit for. */
export const MARKS = 32;

/** Threads of a workgroup that sums. */
export const REDUCING_THREADS = 128;
/** Workgroups that keep a GPU busy. */
const BUSY = 256;
/** Elements that a thread should have to sum at least. */
const SHARE = 8;

/** Number of partial sums that a reduction, or the gradient of a weight, is split into. */
export function partsOf(node: Node): number {
  if (isOp(node, 'conv2dBackwardWeight')) return weightParts(node);
  const [x] = node.inputs;
  const kept = estimate(node.shape);
  const reduced = estimate(reducedAxes(node).map((axis) => x.shape[axis]));
  return clamp(Math.ceil(Math.min(BUSY / kept, reduced / (REDUCING_THREADS * SHARE))), 1, 64);
}

function weightParts(node: Node): number {
  const [outputs, inputs, height, width] = node.shape.map(Number);
  const tiles = Math.ceil(outputs / 32) * Math.ceil((inputs * height * width) / 64);
  const pixels = estimate(node.inputs[1].shape) / outputs;
  return clamp(Math.ceil(Math.min(BUSY / tiles, pixels / 256)), 1, 64);
}

const clamp = (value: number, least: number, most: number) => Math.min(Math.max(value, least), most);

/** Elements of a part of a node in memory, each of four bytes, as sizes to multiply. */
function sizesOf(node: Node, part: Part): readonly Dim[] {
  if (isOp(node, 'maxPool2dBackward')) return node.inputs[0].shape;
  if (isOp(node, 'scatterAddRows')) return part === 'next' ? node.inputs[1].shape : node.attrs.rows;
  return [...node.shape, partsOf(node)];
}

/** Elements of four bytes that a part of a node takes in memory; inputs of bytes and halves lie packed. */
export function sizeInMemory(node: Node, part: Part, sizes: Sizes): number {
  if (part === 'tiles')
    return count(node.shape, sizes) * Math.ceil(count(pixelsOf(node), sizes) / TILE_PIXELS);
  if (part === 'marks') return Math.ceil(count(sizesOf(node, 'parts'), sizes) / MARKS);
  if (part !== 'value') return count(sizesOf(node, part), sizes);
  const elements = count(node.shape, sizes);
  return isPacked(node) ? Math.ceil(elements / (node.dtype === 'uint8' ? 4 : 2)) : elements;
}

/** The sizes of what a sum for each channel runs over. */
export const pixelsOf = (node: Node): readonly Dim[] =>
  reducedAxes(node).map((axis) => node.inputs[0].shape[axis]);

/** What a launch reads or writes in memory. */
interface Access {
  readonly node: Node;
  readonly part: Part;
}

/** Elements that an access moves: of the lists of rows, as many start as there are values at most. */
export const sizeMoved = ({ node, part }: Access, sizes: Sizes): number =>
  sizeInMemory(node, part === 'parts' && isOp(node, 'scatterAddRows') ? 'next' : part, sizes);

/** What a launch reads and writes in memory, each once. */
export function accessesOf({ kind, nodes, reads, sums }: Launch, written: ReadonlySet<Node>): Access[] {
  const read = [...reads].flatMap((node) => partsRead(node, written, nodes).map((part) => ({ node, part })));
  return [
    ...read,
    ...sums.map(({ node }) => ({ node, part: 'tiles' }) as const),
    ...nodes.flatMap((node) => partsMade(kind, node, written).map((part) => ({ node, part }))),
  ];
}

/** What a launch reads of a node: what was prepared for it unless another launch wrote its value. */
function partsRead(node: Node, written: ReadonlySet<Node>, own: readonly Node[]): readonly Part[] {
  if (roleOf(node) !== 'prepared' || (written.has(node) && !own.includes(node))) return ['value'];
  return isOp(node, 'scatterAddRows') ? LISTS : ['parts'];
}

const LISTS = ['marks', 'parts', 'next'] as const;

function partsMade(kind: string, node: Node, written: ReadonlySet<Node>): readonly Part[] {
  if (kind === 'map' || kind === 'conv' || kind === 'sum') return written.has(node) ? ['value'] : [];
  if (kind === 'clear') return ['marks', 'parts'];
  return kind === 'link' ? LISTS : ['parts'];
}

/** What launches read and write: values, and what is prepared for those that are put together where they are read. */
import type { Dim, Node } from '../graph/node.js';
import type { Sizes } from '../ops/op.js';
import { isOp } from '../ops/op-node.js';
import { count } from '../ops/shapes.js';
import type { Launch } from './plan.js';
import { estimate, reducedAxes, roleOf } from './roles.js';

/** A value itself, or what a launch prepared for it; `next` continues the lists that start at `parts`. */
export type Part = 'value' | 'parts' | 'next';

/** Threads of a workgroup that sums. */
export const REDUCING_THREADS = 128;
/** Workgroups that keep a GPU busy. */
const BUSY = 256;
/** Elements that a thread should have to sum at least. */
const SHARE = 8;

/** Into how many partial sums a reduction, or the gradient of a weight, is split. */
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
  if (part === 'value') return node.shape;
  if (isOp(node, 'maxPool2dBackward')) return node.inputs[0].shape;
  if (isOp(node, 'scatterAddRows')) return part === 'next' ? node.inputs[1].shape : node.attrs.rows;
  return [...node.shape, partsOf(node)];
}

/** Elements of four bytes that a part of a node takes in memory; inputs of bytes and halves lie packed. */
export function sizeInMemory(node: Node, part: Part, sizes: Sizes): number {
  const elements = count(sizesOf(node, part), sizes);
  if (part !== 'value' || node.op !== 'input') return elements;
  return Math.ceil(elements * (node.dtype === 'uint8' ? 0.25 : node.dtype === 'float16' ? 0.5 : 1));
}

interface Access {
  readonly node: Node;
  readonly part: Part;
}

/** What a launch reads and writes in memory, each once. */
export function accessesOf({ kind, nodes, reads }: Launch, written: ReadonlySet<Node>): Access[] {
  const read = [...reads].flatMap((node) => partsRead(node, written, nodes).map((part) => ({ node, part })));
  return [
    ...read,
    ...nodes.flatMap((node) => partsMade(kind, node, written).map((part) => ({ node, part }))),
  ];
}

/** What a launch reads of a node: what was prepared for it unless another launch wrote its value. */
function partsRead(node: Node, written: ReadonlySet<Node>, own: readonly Node[]): readonly Part[] {
  if (roleOf(node) !== 'prepared' || (written.has(node) && !own.includes(node))) return ['value'];
  return isOp(node, 'scatterAddRows') ? ['parts', 'next'] : ['parts'];
}

function partsMade(kind: string, node: Node, written: ReadonlySet<Node>): readonly Part[] {
  if (kind === 'map' || kind === 'conv') return written.has(node) ? ['value'] : [];
  return kind === 'link' ? ['parts', 'next'] : ['parts'];
}

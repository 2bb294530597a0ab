/** Computes values at an element, and writes those that other launches read. */
import { isPacked } from '../../fusion/views.js';
import type { Node } from '../../graph/node.js';
import type { Code } from './code.js';
import type { Index } from './index-of.js';
import { wgslType } from './text.js';
import { Expressions } from './values.js';

/** Whether a launch writes words of two elements each, so that its threads have to compute both. */
export const writesHalves = (nodes: readonly Node[], written: ReadonlySet<Node>) =>
  nodes.some((node) => written.has(node) && isPacked(node));

/** Computes each node at an element, and writes those that others read. */
export function writeAll(code: Code, nodes: readonly Node[], index: Index, written: ReadonlySet<Node>): void {
  const values = new Expressions(code, written);
  for (const node of nodes) write(values, node, index, values.define(node, index), written);
}

export function write(
  { code }: Expressions,
  node: Node,
  index: Index,
  value: string,
  written: ReadonlySet<Node>,
): void {
  if (written.has(node)) code.line(store(code, node, index.flat, value));
}

function store(code: Code, node: Node, flat: string, value: string): string {
  if (!isPacked(node)) return `m[${code.place(node)} + ${flat}] = bitcast<u32>(${wgslType(node)}(${value}));`;
  const pair = code.pair();
  return `${pair}[e] = ${value};\nif (e == 1) { m[${code.place(node)} + (${flat} >> 1u)] = halves(${pair}); }`;
}

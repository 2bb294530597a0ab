/** Graphs as text. */

import { type Graph, isLeaf, type Node, topologicalOrder } from '../graph/node.js';
import { attrsText, leafText, typeText } from '../graph/text.js';
import { flopsOf } from '../ops/apply.js';
import { opNode } from '../ops/op-node.js';
import { onePerSymbol } from '../ops/shapes.js';
import type { OpName } from '../ops/table.js';

/**
 * One line per op, in the order of computation, then the outputs and the counts of `summarize`:
 * `%12 = conv2d(%3, model.0.conv.weight) {stride: 2, pad: 2} : [16, 16, 160, 160]`. Only types other than float32 are
 * written. Operands are numbered results, names of inputs and parameters, or constants.
 * @param sizes as for `summarize`
 */
export function printGraph(graph: Graph, sizes: Readonly<Record<string, number>> = {}): string {
  const numbers = new Map<Node, number>();
  const operand = (node: Node) => (isLeaf(node) ? leafText(node) : `%${numbers.get(node)}`);
  const lines: string[] = [];
  const order = topologicalOrder(Object.values(graph.outputs));
  for (const node of order.filter((n) => n.name !== undefined))
    lines.push(`${node.op} ${node.name} : ${typeText(node)}`);
  for (const node of order.filter((n) => !isLeaf(n))) {
    numbers.set(node, numbers.size);
    const attrs = attrsText(node);
    lines.push(
      `%${numbers.get(node)} = ${node.op}(${node.inputs.map(operand).join(', ')})${attrs} : ${typeText(node)}`,
    );
  }
  for (const [name, node] of Object.entries(graph.outputs)) {
    const replaced = graph.state?.[name];
    lines.push(
      replaced === undefined ? `output ${name} = ${operand(node)}` : `state ${replaced} = ${operand(node)}`,
    );
  }
  return `${lines.join('\n')}\n\n${summaryText(summarize(graph, sizes))}\n`;
}

export interface OpSummary {
  readonly count: number;
  /** Floating-point operations; a multiply-add counts two. */
  readonly flops: number;
}

/**
 * How often each op occurs and what it costs, the most expensive first.
 * @param sizes values of the symbolic sizes; one that isn't given counts as 1, so that costs are per image
 */
export function summarize(
  graph: Graph,
  sizes: Readonly<Record<string, number>> = {},
): Map<OpName, OpSummary> {
  const summary = new Map<OpName, OpSummary>();
  const order = topologicalOrder(Object.values(graph.outputs));
  const known = { ...onePerSymbol(order), ...sizes };
  for (const node of order) {
    if (isLeaf(node)) continue;
    const { op } = opNode(node);
    const { count, flops } = summary.get(op) ?? { count: 0, flops: 0 };
    summary.set(op, { count: count + 1, flops: flops + flopsOf(node, known) });
  }
  return new Map([...summary].sort(([, a], [, b]) => b.flops - a.flops || b.count - a.count));
}

function summaryText(summary: ReadonlyMap<OpName, OpSummary>): string {
  const rows = [...summary].map(([op, { count, flops }]) => `${op} × ${count}${gigaText(flops)}`);
  const all = [...summary.values()];
  const total = { count: 0, flops: 0 };
  for (const { count, flops } of all) {
    total.count += count;
    total.flops += flops;
  }
  return [...rows, `${total.count} ops${gigaText(total.flops)}`].join('\n');
}

const gigaText = (flops: number) => (flops > 0 ? `, ${Number((flops / 1e9).toPrecision(3))} GFLOPs` : '');

/** Helpers of the passes: walking a graph, and rebuilding the changed part. */
import { madeOf } from '../graph/leaves.js';
import { type Graph, GraphError, makeNode, type Node, topologicalOrder } from '../graph/node.js';
import { same } from '../ops/shapes.js';

/** A pass is a pure function; `topologicalOrder` leaves unused nodes behind. */
export type Pass = (graph: Graph) => Graph;

/**
 * A replacement for `node`, or `undefined` to keep it. The inputs of `node` are rewritten already; `original` is
 * the same node before.
 */
export type Replace = (node: Node, original: Node) => Node | undefined;

/**
 * Rebuilds a graph from its leaves on, each node after its inputs. Nodes that neither change nor depend on a change
 * stay the same objects.
 * @throws GraphError when a replacement has another shape or type.
 */
export function rewrite(graph: Graph, replace: Replace): Graph {
  const rewritten = new Map<Node, Node>();
  for (const original of topologicalOrder(Object.values(graph.outputs))) {
    const node = withInputs(
      original,
      original.inputs.map((x) => madeOf(rewritten, x)),
    );
    const replacement = replace(node, original) ?? node;
    same(`the replacement of ${original.op}`, replacement.shape, original.shape);
    if (replacement.dtype !== original.dtype)
      throw new GraphError(
        `the replacement of ${original.op} is ${replacement.dtype}, not ${original.dtype}`,
      );
    rewritten.set(original, replacement);
  }
  const outputs = Object.entries(graph.outputs).map(([name, node]) => [name, madeOf(rewritten, node)]);
  return { ...graph, outputs: Object.fromEntries(outputs) };
}

function withInputs(node: Node, inputs: readonly Node[]): Node {
  if (inputs.every((x, i) => x === node.inputs[i])) return node;
  const { id: _id, ...fields } = node;
  return makeNode({ ...fields, inputs });
}

/** Counts how often each node is read: by other nodes, and as an output. */
export function countUses(graph: Graph): Map<Node, number> {
  const outputs = Object.values(graph.outputs);
  const uses = new Map<Node, number>();
  const read = (node: Node) => uses.set(node, (uses.get(node) ?? 0) + 1);
  outputs.forEach(read);
  for (const node of topologicalOrder(outputs)) node.inputs.forEach(read);
  return uses;
}

/** Tells whether every element of a constant is `value`. */
export function isFilledWith(node: Node, value: number): boolean {
  return node.value?.data.every((v) => v === value) ?? false;
}

export const sameType = (a: Node, b: Node) =>
  a.dtype === b.dtype && a.shape.length === b.shape.length && a.shape.every((d, i) => d === b.shape[i]);

/** Graphs as lists, which can be sent to a page: nodes share their inputs, messages hold trees. */
import { type Graph, type Node, topologicalOrder } from '@froyolo/core';
import { must } from '@froyolo/errors';

interface FlatNode extends Omit<Node, 'id' | 'inputs'> {
  /** Positions in the list. */
  readonly inputs: readonly number[];
}

export interface FlatGraph {
  readonly nodes: readonly FlatNode[];
  /** Output name → position of its node. */
  readonly outputs: Readonly<Record<string, number>>;
  readonly state: Readonly<Record<string, string>>;
}

export function flatten({ outputs, state = {} }: Graph): FlatGraph {
  const order = topologicalOrder(Object.values(outputs));
  const positions = new Map(order.map((node, i) => [node, i]));
  const at = (node: Node) => must(positions.get(node), `the position of ${node.op}`);
  return {
    nodes: order.map(({ id: _, inputs, ...node }) => ({ ...node, inputs: inputs.map(at) })),
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, node]) => [name, at(node)])),
    state,
  };
}

export function unflatten({ nodes, outputs, state }: FlatGraph): Graph {
  const made: Node[] = [];
  for (const [id, { inputs, ...node }] of nodes.entries())
    made.push({ ...node, id, inputs: inputs.map((i) => made[i]) });
  return {
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, i]) => [name, made[i]])),
    state,
  };
}

/** A graph whose sizes are all numbers: what is analyzed. */
import { madeOf } from '../../../graph/leaves.js';
import { type AttrValue, type Graph, makeNode, type Node, topologicalOrder } from '../../../graph/node.js';
import { sizeOf } from '../../../ops/shapes.js';

/**
 * The same graph with numbers for its symbolic sizes.
 * @throws GraphError naming a symbol that `sizes` doesn't have
 */
export function withSizes(graph: Graph, sizes: Readonly<Record<string, number>>): Graph {
  const bound = new Map<Node, Node>();
  for (const node of topologicalOrder(Object.values(graph.outputs))) {
    const { id: _id, ...fields } = node;
    bound.set(
      node,
      makeNode({
        ...fields,
        inputs: node.inputs.map((x) => madeOf(bound, x)),
        shape: node.shape.map((d) => sizeOf(d, sizes)),
        attrs: Object.fromEntries(
          Object.entries(node.attrs).map(([name, value]) => [name, boundAttr(value, sizes)]),
        ),
      }),
    );
  }
  const outputs = Object.entries(graph.outputs).map(([name, node]) => [name, madeOf(bound, node)]);
  return { ...graph, outputs: Object.fromEntries(outputs) };
}

/** Lists hold numbers or sizes; strings by themselves are other things, such as types. */
function boundAttr(value: AttrValue, sizes: Readonly<Record<string, number>>): AttrValue {
  return Array.isArray(value) ? value.map((d) => sizeOf(d, sizes)) : value;
}

/** Symbols that a graph's shapes are made of, in order of appearance. */
export function symbolsOf(graph: Graph): string[] {
  const dims = topologicalOrder(Object.values(graph.outputs)).flatMap((node) => node.shape);
  const factors = dims.flatMap((d) => (typeof d === 'string' ? d.split('*') : []));
  return [...new Set(factors.filter((factor) => Number.isNaN(Number(factor))))];
}

/** Lowers graphs to a bare GraphDef, the basis of frozen graphs and TensorFlow.js graph models. */
import { madeOf, type NamedLeaf, namedLeaves } from '../../graph/leaves.js';
import { type Graph, GraphError, topologicalOrder } from '../../graph/node.js';
import { Context } from './context.js';
import { attr, GraphBuilder } from './graph-builder.js';
import { lowerNodes } from './lower-graph.js';
import { type Fed, sizesOf } from './saved-model.js';

/** A graph that is being written, to which ops of TensorFlow's own can be added. */
export interface LoweredGraph {
  readonly builder: GraphBuilder;
  /** Name of the node that computes an output of the graph. Placeholders are called as the `input` leaves. */
  readonly outputs: Readonly<Record<string, string>>;
}

/**
 * Lowers a graph whose values are all constants; images are `NHWC` inside.
 * @throws GraphError for a parameter and an op that TensorFlow doesn't have
 */
export function lowerToGraphDef(graph: Graph): LoweredGraph {
  const builder = new GraphBuilder();
  const nodes = Object.values(graph.outputs);
  const leaves = namedLeaves(topologicalOrder(nodes)).filter(({ op }) => op === 'input');
  const fed = new Map(leaves.map((node) => [node, placeholder(builder, node)]));
  const context = new Context(builder, { format: 'NHWC', sizes: sizesOf(fed) });
  const inputs = new Map([...fed].map(([node, { tensor }]) => [node, context.value(tensor, node)]));
  const values = lowerNodes(context, nodes, inputs, ({ name }) => {
    throw new GraphError(`a GraphDef holds its values: bind ${name} with bindConstants first`);
  });
  const outputs = Object.entries(graph.outputs).map(([name, node]) => [
    name,
    context.plain(madeOf(values, node)),
  ]);
  return { builder, outputs: Object.fromEntries(outputs) };
}

function placeholder(builder: GraphBuilder, { name, shape, dtype }: NamedLeaf): Fed {
  const sizes = shape.map((size) => (typeof size === 'number' ? size : -1));
  const attrs = { dtype: attr.type(dtype), shape: attr.shape(sizes) };
  return { tensor: builder.emit('Placeholder', [], { attrs, name }), shape, dtype };
}

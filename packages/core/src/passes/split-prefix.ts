import { type Graph, GraphError, input, type Node, type Shape, topologicalOrder } from '../graph/node.js';
import { cast, clip } from '../ops/build.js';
import { isOfKind } from '../ops/op-node.js';
import { count, dimAt } from '../ops/shapes.js';
import { rewrite } from './rewrite.js';
import { smallestCut } from './split-prefix-cut.js';

/** A value that the prefix hands to the rest. */
export interface CutTensor {
  /** Name of the prefix's output and of the rest's input. */
  readonly name: string;
  /** Its first axis is the batch. */
  readonly shape: Shape;
  /** Elements of one image. */
  readonly elements: number;
}

export interface SplitGraph {
  /** Graph from the images to the cut tensors. It reads no `param` and changes no state. */
  readonly prefix: Graph;
  /** The given graph, with the cut tensors as inputs instead of the images. */
  readonly rest: Graph;
  /** Cut tensors in the order in which the prefix computes them. */
  readonly cut: readonly CutTensor[];
}

/**
 * Splits a graph at its frozen prefix: the values that depend on one input, image by image, and on no parameter or
 * state. The cut is the one of fewest bytes from which the rest goes on without computing anything of the prefix again;
 * it may only move values (upsample, concatenate, slice).
 * Run it on what `optimize` returns after `bindConstants`, so that the prefix is an inference graph.
 * @param inputName the input whose batch axis has a symbolic size
 * @param stored the type in which the prefix gives the cut tensors and the rest is fed them; as `float16` values beyond
 * its range, ±65504, become its ends
 * @throws GraphError when a parameter is met before any weight that is a constant: nothing would be saved.
 */
export function splitPrefix(
  graph: Graph,
  inputName = 'images',
  stored: 'float32' | 'float16' = 'float32',
): SplitGraph {
  const order = topologicalOrder(Object.values(graph.outputs));
  const source = order.find((node) => node.op === 'input' && node.name === inputName);
  if (!source) throw new GraphError(`the graph has no input "${inputName}" to split it behind`);
  const batch = dimAt(source.shape, 0);
  if (typeof batch !== 'string')
    throw new GraphError(`input "${inputName}" [${source.shape}] needs a symbol for its batch size`);
  const prefix = prefixOf(order, source);
  const read = frontier(graph, order, prefix);
  const elements = (node: Node) => count(node.shape, { [batch]: 1 });
  const nodes = smallestCut(read, prefix, elements).sort((a, b) => a.id - b.id);
  const weighted = weightedOf(order, prefix);
  if (!nodes.every((node) => weighted.has(node)))
    throw new GraphError(`"${inputName}" reach what is trained before anything frozen`);
  const names = new Map(nodes.map((node, i) => [node, `cut${i}`]));
  const leaf = (name: string, { shape }: Node) => {
    const fed = input(name, shape, stored);
    return stored === 'float32' ? fed : cast(fed, 'float32');
  };
  const leaves = new Map([...names].map(([node, name]) => [node, leaf(name, node)]));
  return {
    prefix: { outputs: Object.fromEntries([...names].map(([node, name]) => [name, given(node, stored)])) },
    rest: rewrite(graph, (_node, original) => leaves.get(original)),
    cut: [...names].map(([node, name]) => ({ name, shape: node.shape, elements: elements(node) })),
  };
}

const LARGEST_HALF = 65504;

function given(node: Node, stored: 'float32' | 'float16'): Node {
  return stored === 'float32' ? node : cast(clip(node, -LARGEST_HALF, LARGEST_HALF), stored);
}

/** The source, and what is computed from it and constants with the batch as first axis. */
function prefixOf(order: readonly Node[], source: Node): Set<Node> {
  const prefix = new Set([source]);
  const constants = new Set<Node>();
  for (const node of order) {
    if (node.op === 'constant') constants.add(node);
    if (node.inputs.length === 0 || !node.inputs.every((x) => prefix.has(x) || constants.has(x))) continue;
    if (!node.inputs.some((x) => prefix.has(x))) constants.add(node);
    // A sum over the batch depends on which images came together: it is no longer a value of one image.
    else if (node.shape[0] === source.shape[0]) prefix.add(node);
  }
  return prefix;
}

/** Values of the prefix that the rest reads, or that are outputs themselves. */
function frontier(graph: Graph, order: readonly Node[], prefix: ReadonlySet<Node>): Node[] {
  const readers = order.filter((node) => !prefix.has(node));
  const read = new Set([...Object.values(graph.outputs), ...readers.flatMap((node) => node.inputs)]);
  return [...read].filter((node) => prefix.has(node));
}

/** Values of the prefix that a contraction went into: the work worth keeping the result of. */
function weightedOf(order: readonly Node[], prefix: ReadonlySet<Node>): Set<Node> {
  const weighted = new Set<Node>();
  for (const node of order)
    if (prefix.has(node) && (isOfKind(node, 'contraction') || node.inputs.some((x) => weighted.has(x))))
      weighted.add(node);
  return weighted;
}

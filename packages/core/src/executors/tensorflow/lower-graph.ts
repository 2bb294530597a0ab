/** Writes the nodes of a graph as TensorFlow's, whatever holds them afterwards. */
import { isNamedLeaf, madeOf, type NamedLeaf } from '../../graph/leaves.js';
import { type Node, topologicalOrder } from '../../graph/node.js';
import { mapInputs, type OpNode, opNode } from '../../ops/op-node.js';
import type { OpName } from '../../ops/table.js';
import type { Context, Value } from './context.js';
import { BATCH_NORM_LOWERINGS } from './lower-batch-norm.js';
import { loweringOf } from './lowering.js';
import { splitOff, vectorParts } from './split-vectors.js';

const NO_LOWERING = 'TensorFlow has no lowering';

/**
 * Lowers everything that `outputs` need.
 * @param inputs values of the `input` leaves
 * @param readParam value of a `param` leaf
 * @returns the values of all nodes
 */
export function lowerNodes(
  context: Context,
  outputs: readonly Node[],
  inputs: ReadonlyMap<Node, Value>,
  readParam: (node: NamedLeaf) => Value,
): ReadonlyMap<Node, Value> {
  const values = new Map(inputs);
  const parts = vectorParts(outputs);
  for (const node of topologicalOrder(outputs)) {
    if (node.op === 'input') continue;
    const part = parts.get(node);
    const value = part
      ? context.value(splitOff(context, context.plain(madeOf(values, part.vector)), part), node)
      : lower(context, node, values, readParam);
    values.set(node, value);
  }
  return values;
}

function lower(
  context: Context,
  node: Node,
  values: ReadonlyMap<Node, Value>,
  readParam: (node: NamedLeaf) => Value,
): Value {
  if (node.value) return context.constant(node.value, node);
  if (isNamedLeaf(node)) return readParam(node);
  const own = BATCH_NORM_LOWERINGS[node.op];
  if (own)
    return own(
      context,
      node,
      node.inputs.map((x) => madeOf(values, x)),
    );
  return lowerOp(context, opNode(node, NO_LOWERING), values);
}

function lowerOp<O extends OpName>(
  context: Context,
  node: OpNode<O>,
  values: ReadonlyMap<Node, Value>,
): Value {
  const lowering = loweringOf(node, NO_LOWERING);
  return lowering(
    context,
    node,
    mapInputs(node, (x) => madeOf(values, x)),
  );
}

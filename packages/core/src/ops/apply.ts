import { type Attrs, GraphError, makeNode, messageOf, type Node } from '../graph/node.js';
import type { NoAttrs } from './attrs.js';
import type { Arity, OpSpec, Sizes } from './op.js';
import { opNode } from './op-node.js';
import { type AttrsOf, type InputsOf, OPS, type OpName } from './table.js';

/** Attributes may be left out where an op has none. */
type AttrsArgument<A extends Attrs> = NoAttrs extends A ? readonly [attrs?: A] : readonly [attrs: A];

/** Applies an op: checks and infers the shape, and names the op in every complaint. */
export function apply<O extends OpName>(
  op: O,
  inputs: InputsOf<O>,
  ...[attrs = {}]: AttrsArgument<AttrsOf<O>>
): Node {
  return applyUntyped(op, inputs, attrs);
}

/** `apply` for an op that is known only at run time. */
export function applyUntyped(op: OpName, inputs: readonly Node[], attrs: Attrs = {}): Node {
  const spec: OpSpec = OPS[op];
  try {
    checkArity(inputs, spec.arity);
    const shape = spec.shape(inputs, attrs);
    return makeNode({ op, inputs, attrs, shape, dtype: spec.dtype?.(inputs, attrs) ?? 'float32' });
  } catch (error) {
    throw new GraphError(`${op}(${inputs.map((x) => `[${x.shape}]`).join(', ')}): ${messageOf(error)}`);
  }
}

function checkArity({ length }: readonly Node[], arity: Arity): void {
  const [least, most] = typeof arity === 'number' ? [arity, arity] : arity;
  if (length < least || length > most) throw new GraphError(`takes ${arity} inputs, got ${length}`);
}

/**
 * Floating-point operations of a node; a multiply-add counts two.
 * @param sizes values of the symbolic sizes
 */
export function flopsOf(node: Node, sizes: Sizes = {}): number {
  const { op, inputs, attrs, shape } = opNode(node);
  const spec: OpSpec = OPS[op];
  return spec.flops?.(inputs, shape, attrs, sizes) ?? 0;
}

/** Lowers nodes of `mixedPrecision`: in halves where all that they read are halves, else in float32 between two casts. */
import type { DType, Node } from '../../graph/node.js';
import { isOp, type OpNode } from '../../ops/op-node.js';
import type { OpName } from '../../ops/table.js';
import { castTo } from './cast.js';
import type { LoweringContext } from './context.js';
import { lowerNode } from './lowering.js';

/** Lowers a node in the type of its inputs. */
export function lowerTyped<O extends OpName>(context: LoweringContext, node: OpNode<O>): string {
  if (isOp(node, 'cast') || ![node, ...node.inputs].some(isHalf)) return lowerNode(context, node);
  if (isHalf(node) && !node.inputs.some(({ dtype }) => dtype === 'float32'))
    return lowerNode(inHalves(context), node);
  const result = lowerNode(widened(context), node);
  return isHalf(node) ? castTo(context, result, 'float16') : result;
}

const isHalf = ({ dtype }: { readonly dtype: DType }) => dtype === 'float16';

/** What is made for the CPU alone takes float32 alone. */
function inHalves(context: LoweringContext): LoweringContext {
  const { builder } = context;
  return { ...context, onCpu: false, blockSize: 1, floats: (data, shape) => builder.halves(data, shape) };
}

/** Halves are read as float32. */
function widened(context: LoweringContext): LoweringContext {
  const nameOf = (node: Node) =>
    isHalf(node) ? castTo(context, context.nameOf(node), 'float32') : context.nameOf(node);
  return { ...context, nameOf };
}

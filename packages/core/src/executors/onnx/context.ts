import type { Node, Shape } from '../../graph/node.js';
import type { OpNode } from '../../ops/op-node.js';
import type { OpName } from '../../ops/table.js';
import type { ModelBuilder } from './model-builder.js';
import type { OnnxTarget } from './target.js';

/** State and helpers shared by all lowerings of a graph. */
export interface LoweringContext extends OnnxTarget {
  readonly builder: ModelBuilder;
  /** Name of the ONNX value of an IR node that is lowered already. */
  nameOf(node: Node): string;
  /** A constant in the type in which the node is computed. */
  floats(values: readonly number[] | Float32Array, shape: readonly number[]): string;
  /** A shape as an int64 vector: a constant, or computed from the inputs where sizes are symbolic. */
  shapeTensor(shape: Shape): string;
}

/** Emits ONNX nodes for a node and returns the name of their result. */
export type Lowering<O extends OpName> = (context: LoweringContext, node: OpNode<O>) => string;

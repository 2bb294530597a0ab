/** Every ONNX op that the lowering emits: shape of its result, and memory and time of onnxruntime's CPU kernels. */
import { GraphError, messageOf } from '../../graph/node.js';
import * as shapes from './shape-rules.js';
import type { OnnxAttrs, OnnxValue } from './value.js';
import {
  activation,
  convWork,
  copying,
  elementwiseWork,
  noWork,
  productWork,
  rearranging,
  transposedConvWork,
  type WorkRule,
} from './work.js';

/** onnxruntime's ops on images whose channels lie in blocks; its own optimizer emits them for constant weights. */
export const BLOCKED = 'com.microsoft.nchwc';

export interface OnnxOp {
  readonly shape: shapes.ShapeRule;
  /** The result is the first input under another shape: it takes no memory. */
  readonly view?: true;
  /** The first of the inputs that the kernel may overwrite, if the shape is the same and nobody reads it later. */
  readonly inPlace?: number;
  readonly work: WorkRule;
}

/** Element by element into a buffer of its own. */
const elementwise: OnnxOp = { shape: shapes.elementwise, work: elementwiseWork };
/** Element by element, over an input where that is possible. */
const inPlace: OnnxOp = { ...elementwise, inPlace: 0 };
const comparison: OnnxOp = { shape: shapes.comparison, work: elementwiseWork };
const reduction: OnnxOp = { shape: shapes.reduction, work: rearranging };
const scatter: OnnxOp = { shape: shapes.likeInput, work: rearranging };
const reorder: OnnxOp = { shape: shapes.likeInput, work: rearranging };

const ROWS = {
  Neg: inPlace,
  Exp: inPlace,
  Log: inPlace,
  Sqrt: inPlace,
  Reciprocal: inPlace,
  Abs: inPlace,
  Tanh: inPlace,
  Softplus: inPlace,
  Atan: elementwise,
  LeakyRelu: elementwise,
  Sigmoid: { ...inPlace, work: activation },
  QuickGelu: { ...elementwise, work: activation },
  Cast: { shape: shapes.cast, inPlace: 0, work: elementwiseWork },

  Add: inPlace,
  Sub: inPlace,
  Mul: inPlace,
  Div: inPlace,
  Max: elementwise,
  Min: elementwise,
  Greater: comparison,
  Equal: comparison,
  Where: { shape: shapes.where, work: elementwiseWork },

  ReduceSum: reduction,
  ReduceMax: reduction,
  ReduceProd: reduction,

  Conv: { shape: shapes.conv, work: convWork(BLOCKED) },
  /** Adds its result to input 3, which it may write over; emitted for each channel alone. */
  FusedConv: { shape: shapes.conv, inPlace: 3, work: elementwiseWork },
  ConvTranspose: { shape: shapes.convTranspose, work: transposedConvWork },
  MatMul: { shape: shapes.matmul, work: productWork },
  FusedMatMul: { shape: shapes.matmul, work: productWork },
  MaxPool: { shape: shapes.maxPool, work: rearranging },
  AveragePool: { shape: shapes.averagePool, work: rearranging },

  Identity: { shape: shapes.likeInput, view: true, work: noWork },
  Reshape: { shape: shapes.reshape, view: true, work: noWork },
  Unsqueeze: { shape: shapes.unsqueeze, view: true, work: noWork },
  Transpose: { shape: shapes.transpose, work: rearranging },
  Concat: { shape: shapes.concat, work: rearranging },
  Slice: { shape: shapes.slice, work: copying },
  Pad: { shape: shapes.pad, work: rearranging },
  Expand: { shape: shapes.expand, work: copying },
  Resize: { shape: shapes.resize, work: rearranging },
  ReorderInput: reorder,
  ReorderOutput: reorder,

  Gather: { shape: shapes.gather, work: copying },
  ScatterElements: scatter,
  ScatterND: scatter,
  Shape: { shape: shapes.shapeOf, work: noWork },
} satisfies Record<string, OnnxOp>;

/** Names of the ops that may be emitted. */
export type OnnxOpName = keyof typeof ROWS;

export const ONNX_OPS: Readonly<Record<OnnxOpName, OnnxOp>> = ROWS;

/**
 * What a node gives, one entry per output.
 * @throws GraphError when a shape is known only when the model runs
 */
export function outputsOf(
  opType: OnnxOpName,
  inputs: readonly OnnxValue[],
  attrs: OnnxAttrs,
): readonly OnnxValue[] {
  try {
    return [ONNX_OPS[opType].shape(inputs, attrs)].flat();
  } catch (error) {
    throw new GraphError(`${opType}: ${messageOf(error)}`);
  }
}

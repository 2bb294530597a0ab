/** How much a program computes and moves, by the kinds of work that take different times on a CPU. */

import { BLOCKED } from '../executors/onnx/model-builder.js';
import type { OnnxProgramPlan, OnnxStep } from './onnx-program.js';
import { bytesOf, elementsOf } from './onnx-shapes.js';

export interface Work {
  /** FLOPs of convolutions in blocked layout: those whose weight is constant, and all larger than 1×1. */
  readonly blockedConvFlops: number;
  /** FLOPs of the other convolutions and the gradients towards their inputs. */
  readonly convFlops: number;
  /** FLOPs of matrix products: gradients towards weights. */
  readonly productFlops: number;
  /** Elements of sigmoids and SiLUs. */
  readonly activations: number;
  /** Bytes that sums, products and comparisons read and write, element by element. */
  readonly elementwiseBytes: number;
  /** Bytes that are read and written by what goes along another order or adds up: slices, windows, reductions. */
  readonly rearrangedBytes: number;
  /** Ops, each of which takes some time to start. */
  readonly ops: number;
}

const NO_WORK: Work = {
  blockedConvFlops: 0,
  convFlops: 0,
  productFlops: 0,
  activations: 0,
  elementwiseBytes: 0,
  rearrangedBytes: 0,
  ops: 0,
};

/** Seconds per unit of each kind of work. */
export type WorkRates = Readonly<Record<keyof Work, number>>;

const VIEWS = new Set(['Reshape', 'Unsqueeze', 'Identity']);

const ELEMENTWISE = new Set([
  ...['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'Greater', 'Equal', 'Where', 'Cast', 'Neg', 'Abs'],
  ...['Exp', 'Log', 'Sqrt', 'Reciprocal', 'Atan', 'Tanh', 'Softplus', 'LeakyRelu'],
  // Of each channel alone: a multiplication and an addition.
  ...['Conv', 'FusedConv'],
]);

/** Ops that read no more than they write. */
const PARTIAL = new Set(['Slice', 'Gather', 'Expand']);

export function workOf({ steps, constants }: OnnxProgramPlan): Work {
  return steps.map((step) => workOfStep(step, constants)).reduce(addWork, NO_WORK);
}

export function addWork(a: Work, b: Work): Work {
  return mapWork((kind) => a[kind] + b[kind]);
}

export function scaleWork(work: Work, factor: number): Work {
  return mapWork((kind) => work[kind] * factor);
}

/** Seconds that the work takes. */
export function timeOf(work: Work, rates: WorkRates): number {
  return KINDS.reduce((sum, kind) => sum + work[kind] * rates[kind], 0);
}

const KINDS = Object.keys(NO_WORK) as (keyof Work)[];

function mapWork(value: (kind: keyof Work) => number): Work {
  return Object.fromEntries(KINDS.map((kind) => [kind, value(kind)])) as Record<keyof Work, number>;
}

function workOfStep(step: OnnxStep, constants: ReadonlySet<string>): Work {
  const { node, inputs, outputs } = step;
  const some = { ...NO_WORK, ops: 1 };
  if (VIEWS.has(node.opType)) return some;
  switch (node.opType) {
    case 'Conv':
      if (perChannel(inputs[1]!.shape) === 1) break;
      if (isWindows(step, constants))
        return { ...some, rearrangedBytes: bytesOf(inputs[0]!) + bytesOf(outputs[0]!) };
      return constants.has(node.inputs[1]!) || node.options.domain === BLOCKED
        ? { ...some, blockedConvFlops: convFlops(step) }
        : { ...some, convFlops: convFlops(step) };
    case 'ConvTranspose':
      return { ...some, convFlops: 2 * elementsOf(inputs[0]!) * perChannel(inputs[1]!.shape) };
    case 'MatMul':
    case 'FusedMatMul':
      return { ...some, productFlops: productFlops(step) };
    case 'Sigmoid':
    case 'QuickGelu':
      return { ...some, activations: elementsOf(outputs[0]!) };
  }
  const written = bytesOf(outputs[0]!);
  const read = PARTIAL.has(node.opType) ? written : inputs.reduce((sum, x) => sum + bytesOf(x), 0);
  return ELEMENTWISE.has(node.opType)
    ? { ...some, elementwiseBytes: read + written }
    : { ...some, rearrangedBytes: read + written };
}

/** Whether the step copies the windows of a weight gradient: a convolution of each channel alone by constants. */
export function isWindows({ node, inputs }: OnnxStep, constants: ReadonlySet<string>): boolean {
  if (node.opType !== 'Conv' || !constants.has(node.inputs[1]!)) return false;
  const { shape } = inputs[1]!;
  return shape[1] === 1 && shape[0]! > inputs[0]!.shape[1]!;
}

/** Elements of a weight for each of its first axis' channels. */
const perChannel = (weight: readonly number[]) => weight.slice(1).reduce((a, b) => a * b, 1);

function convFlops({ inputs, outputs }: OnnxStep): number {
  return 2 * elementsOf(outputs[0]!) * perChannel(inputs[1]!.shape);
}

function productFlops({ node, inputs, outputs }: OnnxStep): number {
  const { shape } = inputs[0]!;
  const inner = node.options.attrs?.transA ? shape.at(-2)! : shape.at(-1)!;
  return 2 * elementsOf(outputs[0]!) * inner;
}

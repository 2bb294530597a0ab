/** Work of ONNX nodes, by the kinds that take different times on a CPU. */
import { numel } from '@froyolo/common';
import { dimAt } from '../../ops/shapes.js';
import { bytesOf, elementsOf, given, type OnnxStep } from './value.js';

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
  /** Bytes read and written by ops that reorder or add up: slices, windows, reductions. */
  readonly rearrangedBytes: number;
  /** Ops, each of which takes some time to start. */
  readonly ops: number;
}

export const NO_WORK: Work = {
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

/** Adds two amounts of work, kind by kind. */
export function addWork(a: Work, b: Work): Work {
  return mapWork((kind) => a[kind] + b[kind]);
}

/** Multiplies every kind of work by a factor. */
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

/** The work of a step besides starting it. */
export type WorkRule = (step: OnnxStep) => Partial<Work>;

const read = ({ inputs }: OnnxStep) => inputs.reduce((sum, x) => sum + bytesOf(x), 0);
const written = ({ outputs }: OnnxStep) => bytesOf(given(outputs, 0));

export const noWork: WorkRule = () => ({});
/** Element by element. */
export const elementwiseWork: WorkRule = (step) => ({ elementwiseBytes: read(step) + written(step) });
/** Along another order, or many elements to one. */
export const rearranging: WorkRule = (step) => ({ rearrangedBytes: read(step) + written(step) });
/** The same for ops that read no more than they write. */
export const copying: WorkRule = (step) => ({ rearrangedBytes: 2 * written(step) });
export const activation: WorkRule = ({ outputs }) => ({ activations: elementsOf(given(outputs, 0)) });

/** @param blocked the domain of convolutions in blocked layout */
export const convWork =
  (blocked: string): WorkRule =>
  (step) => {
    if (perChannel(step) === 1) return elementwiseWork(step);
    const { inputs, outputs } = step;
    if (copiesWindows(step)) return { rearrangedBytes: bytesOf(given(inputs, 0)) + written(step) };
    const flops = 2 * elementsOf(given(outputs, 0)) * perChannel(step);
    return step.isConstant(1) || step.domain === blocked ? { blockedConvFlops: flops } : { convFlops: flops };
  };

export const transposedConvWork: WorkRule = (step) => ({
  convFlops: 2 * elementsOf(given(step.inputs, 0)) * perChannel(step),
});

export const productWork: WorkRule = ({ inputs, outputs, attrs }) => {
  const inner = dimAt(given(inputs, 0).shape, attrs.transA ? -2 : -1);
  return { productFlops: 2 * elementsOf(given(outputs, 0)) * inner };
};

/** Tells whether the step copies the windows of a weight gradient: a convolution of each channel alone by constants. */
export function copiesWindows({ opType, inputs, isConstant }: OnnxStep): boolean {
  if (opType !== 'Conv' || !isConstant(1)) return false;
  const { shape } = given(inputs, 1);
  return dimAt(shape, 1) === 1 && dimAt(shape, 0) > dimAt(given(inputs, 0).shape, 1);
}

/** Elements of the weight for each of its first axis' channels. */
function perChannel({ inputs }: OnnxStep): number {
  const { shape } = given(inputs, 1);
  return numel(shape.slice(1));
}

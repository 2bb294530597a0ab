/** What a training step costs, computed from the graphs that will run. */
import type { Graph, OptimizerName, Tensor } from '@froyolo/core';
import {
  addWork,
  analyzeProgram,
  type ProgramAnalysis,
  scaleWork,
  symbolsOf,
  timeOf,
  type Work,
} from '@froyolo/core/onnx';
import type { FreezePolicy } from '@froyolo/freeze';
import {
  buildGradientGraph,
  buildTrainingStep,
  canCacheFeatures,
  type Detector,
  fullAccumulation,
  type LossSettings,
  type TrainingStep,
} from '@froyolo/yolo';
import { CPU_RATES } from './rates.js';

export interface PlanOptions extends LossSettings {
  readonly batchSize: number;
  readonly optimizer: OptimizerName;
}

/** What one training step costs. */
export interface StepCost {
  /** FLOPs per batch; a multiply-add counts two. */
  readonly forwardFlops: number;
  readonly backwardFlops: number;
  /** Most bytes of activations, gradients and temporaries that are alive at one time. */
  readonly peakActivationBytes: number;
  /** What training adds to the process at its peak: activations, their fragmentation, the batch, weights, optimizer. */
  readonly peakBytes: number;
  /** Bytes of frozen weights, which are constants of the step, and of trainable ones. */
  readonly weightBytes: number;
  /** Time by rates measured on one machine: compare it with other plans only. */
  readonly seconds: number;
}

export interface StepPlan extends StepCost {
  readonly trainableParameters: number;
  /** Optimizer state, accumulated gradients and averages: everything in the store but the weights. */
  readonly optimizerBytes: number;
  /** The step that starts at the features of the frozen layers; absent if they can't be cached. */
  readonly cached?: StepCost;
}

/** Boxes of an image that are matched with cells of one level: an assumption; the loss takes little of either. */
const MATCHES_PER_IMAGE = 20;

/** Plans the step that `train` would run with this freeze. */
export function planTrainingStep(detector: Detector, freeze: FreezePolicy, options: PlanOptions): StepPlan {
  const given = { ...options, freeze, batchSize: 'batch' };
  const step = buildTrainingStep(detector, given);
  const update = analyzeProgram(step.updateGraph);
  const costOf = (graph: Graph) =>
    stepCost(analyzeProgram(graph, sizesFor(graph, options.batchSize)), update, step, options);
  return {
    ...costOf(step.gradientGraph),
    trainableParameters: elementsOf(trainable(step)),
    optimizerBytes: bytes(kept(step)),
    ...(canCacheFeatures(freeze)
      ? { cached: costOf(buildGradientGraph(detector, { ...given, fromFeatures: true })) }
      : {}),
  };
}

function stepCost(
  gradient: ProgramAnalysis,
  update: ProgramAnalysis,
  step: TrainingStep,
  { batchSize }: PlanOptions,
): StepCost {
  const stateBytes = bytes([...step.initialState.values()]);
  const work: Work = addWork(gradient.work, scaleWork(update.work, 1 / fullAccumulation(batchSize)));
  return {
    forwardFlops: gradient.forwardFlops,
    backwardFlops: gradient.backwardFlops,
    peakActivationBytes: gradient.liveBytes,
    peakBytes:
      gradient.allocatedBytes +
      update.allocatedBytes +
      gradient.inputBytes +
      gradient.constantBytes +
      stateBytes,
    weightBytes: gradient.constantBytes + bytes(trainable(step)),
    seconds: timeOf(work, CPU_RATES),
  };
}

/** Values of the sizes that a graph leaves open. */
export function sizesFor(graph: Graph, batchSize: number): Record<string, number> {
  return Object.fromEntries(
    symbolsOf(graph).map((symbol) => [
      symbol,
      symbol === 'batch' ? batchSize : MATCHES_PER_IMAGE * batchSize,
    ]),
  );
}

/** Trained parameters are those that have a gradient. */
function trainable({ initialState }: TrainingStep): Tensor[] {
  return [...initialState].flatMap(([name, value]) => (initialState.has(`grad/${name}`) ? [value] : []));
}

function kept({ initialState }: TrainingStep): Tensor[] {
  return [...initialState].flatMap(([name, value]) => (name.includes('/') ? [value] : []));
}

const elementsOf = (tensors: readonly Tensor[]) => tensors.reduce((sum, { data }) => sum + data.length, 0);
const bytes = (tensors: readonly Tensor[]) => tensors.reduce((sum, { data }) => sum + data.byteLength, 0);

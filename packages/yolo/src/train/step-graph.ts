/**
 * The two graphs of training. The gradient graph runs once per batch: forward pass, loss, gradients added to
 * `grad/NAME`, running statistics. The update graph (of `@froyolo/core`) runs once per nominal batch.
 */
import {
  accumulate,
  bindConstants,
  buildUpdate,
  type Dim,
  type Graph,
  gradients,
  initialState,
  type NamedShape,
  type Node,
  type OptimiserName,
  ops,
  optimise,
  type Parameter,
  param,
  parameterGroup,
  type Shape,
  type Tensor,
  topologicalOrder,
  type UpdateOptions,
} from '@froyolo/core';
import type { Batch } from '@froyolo/data';
import { batchNormMode, type FreezePolicy } from '@froyolo/freeze';
import { BATCH_NORM_MOMENTUM, type ForwardResult } from '@froyolo/model-yaml';
import type { Detector } from '../detector/detector.js';
import { imageFeed, imageInput } from '../detector/images.js';
import { type LossSettings, lossFeeds, lossNodes } from './losses.js';

export interface TrainingStepOptions extends LossSettings {
  readonly freeze: FreezePolicy;
  /** Height and width of the images in pixels. Default `imgsz` for both. */
  readonly shape?: readonly [height: number, width: number];
  /** A number, or the name of a size that each run decides. Default `batch`. */
  readonly batchSize?: Dim;
  readonly optimiser: OptimiserName;
}

/** What one training step is made of. Values live in a store by the names that `@froyolo/core`'s `buildUpdate` gives. */
export interface TrainingStep {
  /**
   * Inputs `images` and those of the assigned targets; outputs `loss`, `box`, `obj`, `cls`; state `grad/NAME` and
   * running statistics.
   */
  readonly gradientGraph: Graph;
  /** Inputs as `updateFeeds` makes them. */
  readonly updateGraph: Graph;
  /** Everything that the store holds before the first step. */
  readonly initialState: ReadonlyMap<string, Tensor>;
}

/** Builds both graphs. Frozen parameters and the statistics of frozen layers are constants in them. */
export function buildTrainingStep(detector: Detector, options: TrainingStepOptions): TrainingStep {
  const { update, gradientGraph } = buildGraphs(detector, options);
  const { tensors } = detector;
  const own = [...update.parameters, ...update.emaBuffers].map(
    ({ name }) => [name, tensors.get(name)!] as const,
  );
  return {
    gradientGraph,
    updateGraph: buildUpdate(update),
    initialState: new Map([...own, ...initialState(update, tensors)]),
  };
}

function buildGraphs(
  { model, tensors }: Detector,
  options: TrainingStepOptions,
): { gradientGraph: Graph; update: UpdateOptions & { readonly emaBuffers: readonly NamedShape[] } } {
  const { freeze, imgsz, shape = [imgsz, imgsz], batchSize = 'batch', optimiser } = options;
  const images = imageInput(batchSize, model.spec.channels, shape);
  const forward = model.forward(images, { batchNorm: (prefix) => batchNormMode(freeze, prefix) });
  const losses = lossNodes(forward.heads, model, options);
  const trained = parameterGradients(losses.loss, new Set(freeze.trainable));
  const statistics = runningStatistics(forward);
  const { outputs, state } = accumulate(Object.fromEntries(trained.map(([{ name }, g]) => [name!, g])));
  const graph: Graph = {
    outputs: { ...losses, ...outputs, ...statistics },
    state: { ...state, ...Object.fromEntries(Object.keys(statistics).map((name) => [name, name])) },
  };
  const parameters = trained.map(([leaf]) => trainedParameter(leaf));
  const emaBuffers = Object.entries(statistics).map(([name, node]) => ({ name, shape: numbers(node.shape) }));
  const changing = new Set([...parameters, ...emaBuffers].map(({ name }) => name));
  const constants = new Map([...tensors].filter(([name]) => !changing.has(name)));
  return {
    gradientGraph: optimise(bindConstants(graph, constants)),
    update: { parameters, emaBuffers, optimiser },
  };
}

function trainedParameter({ name, shape }: Node): Parameter {
  const sizes = numbers(shape);
  return { name: name!, shape: sizes, group: parameterGroup(name!, sizes) };
}

/** Leaves of the store have sizes that are known. */
const numbers = (shape: Shape) => shape as readonly number[];

/** The trainable leaves that the loss depends on, each with its gradient. */
function parameterGradients(loss: Node, trainable: ReadonlySet<string>): [Node, Node][] {
  const leaves = topologicalOrder([loss]).filter((node) => node.op === 'param' && trainable.has(node.name!));
  const all = gradients(loss, leaves);
  return leaves.flatMap((leaf, i) => (all[i] ? [[leaf, all[i]] as [Node, Node]] : []));
}

/** Next values of the running statistics of every batch normalisation in `batch` mode, by name. */
function runningStatistics({ statistics }: ForwardResult): Record<string, Node> {
  const next: Record<string, Node> = {};
  for (const [prefix, { mean, variance }] of statistics) {
    next[`${prefix}.running_mean`] = movedTowards(`${prefix}.running_mean`, mean);
    next[`${prefix}.running_var`] = movedTowards(`${prefix}.running_var`, variance);
  }
  return next;
}

function movedTowards(name: string, value: Node): Node {
  const running = param(name, numbers(value.shape));
  return ops.add(ops.mul(running, 1 - BATCH_NORM_MOMENTUM), ops.mul(value, BATCH_NORM_MOMENTUM));
}

/** What a gradient graph is fed: images, and targets assigned to anchors. */
export function stepFeeds(batch: Batch, detector: Detector, settings: LossSettings): Record<string, Tensor> {
  return { images: imageFeed(batch.images, batch.shape), ...lossFeeds(batch, detector.model, settings) };
}

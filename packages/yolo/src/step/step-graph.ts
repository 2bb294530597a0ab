/**
 * The two graphs of training. The gradient graph runs once per batch: forward pass, loss, gradients added to
 * `grad/NAME`, running statistics. The update graph (of `@froyolo/core`) runs once per nominal batch.
 */
import {
  accumulate,
  bindConstants,
  buildUpdate,
  countsUpdates,
  type Dim,
  type FilterOrder,
  type FlatVector,
  fixedShape,
  flatVector,
  type Graph,
  gradients,
  initialState,
  joinNodes,
  type LinearLayer,
  LOSS_SCALE,
  linearLayers,
  mixedPrecision,
  momentGraph,
  movedTowards,
  type NamedShape,
  type Node,
  type OptimizerName,
  ops,
  optimize,
  type Parameter,
  param,
  parameterGroup,
  parameterVectors,
  partNodes,
  rewrite,
  type Tensor,
  topologicalOrder,
  unscaleGradients,
  unwhitened,
  whitening,
  whiteningOf,
} from '@froyolo/core';
import { batchNormMode, type FreezePolicy } from '@froyolo/freeze';
import { BATCH_NORM_MOMENTUM, type ForwardResult } from '@froyolo/model-yaml';
import { type Detector, tensorOf } from '../detector/detector.js';
import type { LossSettings } from '../family.js';
import { imageInput } from './images.js';
import { lossNodes } from './loss.js';
import { splitGradientGraph } from './split-gradients.js';

export interface TrainingStepOptions extends LossSettings {
  readonly freeze: FreezePolicy;
  /** Height and width of the images in pixels. Default `imgsz` for both. */
  readonly shape?: readonly [height: number, width: number];
  /** A number, or the name of a size that each run decides. Default `batch`. */
  readonly batchSize?: Dim;
  readonly optimizer: OptimizerName;
  /** Parameters by name whose learning rate is that of their group times a factor; 1 for the others. */
  readonly lrScales?: ReadonlyMap<string, number>;
  /** Parameters by name that are trained from a later stage on, with its index, from 1. */
  readonly cohorts?: ReadonlyMap<string, number>;
  /** The gradient graph starts at the features that the frozen layers make of images. Default false. */
  readonly fromFeatures?: boolean;
  /** Convolutions in half precision, for executors that have it. Default false. */
  readonly amp?: boolean;
  /** What the loss is multiplied by. Default 1. */
  readonly lossGain?: number;
  /** How filters lie in the vectors: as the executor's trait says. Default `OIHW`. */
  readonly filterOrder?: FilterOrder | undefined;
  /** Whether every batch is followed by an update: both may then be one program. Default false. */
  readonly updatesEachBatch?: boolean;
}

/** What one training step is made of. In a store its values lie in few long vectors: see `packValues`. */
export interface TrainingStep {
  /** Inputs: `images` or features, assigned targets; outputs: `loss` and its terms; state: gradients, running statistics. */
  readonly gradientGraph: Graph;
  /** Inputs as `updateFeeds` makes them. */
  readonly updateGraph: Graph;
  /** The vectors that a store holds: one per group of parameters, one for the running statistics. */
  readonly vectors: readonly FlatVector[];
  /**
   * Values before the first step: `NAME` a parameter or a running statistic, `ema/NAME` its average, `grad/NAME` its
   * accumulated gradient, and the optimizer's, as `buildUpdate` of `@froyolo/core` names them.
   */
  readonly initialState: ReadonlyMap<string, Tensor>;
  /** Layers to whiten, and the graph that measures what they read, fed as the gradient graph is; absent if there are none. */
  readonly moments?: { readonly graph: Graph; readonly layers: readonly LinearLayer[] };
}

/** Builds both graphs. Frozen parameters and the statistics of frozen layers are constants in them. */
export function buildTrainingStep(detector: Detector, options: TrainingStepOptions): TrainingStep {
  const differentiated = differentiate(detector, options);
  const { parameters, statistics, linear } = differentiated;
  const { groups, statisticsVector, matrices } = vectorsOf(differentiated);
  const { optimizer } = options;
  const vectors = groups.map(({ vector }) => vector);
  const own = [...parameters, ...statistics].map(({ name }) => [name, tensorOf(detector, name)] as const);
  const named = { parameters, emaBuffers: statistics, optimizer };
  const { graph, moments } = withMoments(differentiated, detector, options);
  return {
    gradientGraph: withPasses(options, graph),
    updateGraph: buildUpdate({
      parameters: groups.map(({ vector, ...group }) => ({ ...asValue(vector), ...group })),
      emaBuffers: statisticsVector.map(asValue),
      optimizer,
      ...(matrices ? { precondition: whitening(vectors, linear, matrices) } : {}),
    }),
    vectors: [...vectors, ...statisticsVector, ...(matrices ? [matrices] : [])],
    initialState: new Map([...own, ...initialState(named, detector.tensors), ...linear.map(unwhitened)]),
    ...(moments ? { moments: { graph: optimize(moments), layers: linear } } : {}),
  };
}

/** The gradient graph, and the moments of what is whitened: parted after the split, so that both are cut at the same place. */
function withMoments(
  differentiated: Differentiated,
  detector: Detector,
  options: TrainingStepOptions,
): { readonly graph: Graph; readonly moments?: Graph } {
  const { linear } = differentiated;
  const measured = linear.length > 0 ? momentGraph(linear).outputs : {};
  const graph = startingAt(options, gradientGraphOf(differentiated, detector, options, measured));
  if (linear.length === 0) return { graph };
  const [moments, others] = [true, false].map((isMoment) =>
    Object.fromEntries(Object.entries(graph.outputs).filter(([name]) => name in measured === isMoment)),
  );
  return { graph: { ...graph, outputs: others }, moments: { outputs: moments } };
}

/** The gradient graph alone, for another image shape. */
export function buildGradientGraph(detector: Detector, options: TrainingStepOptions): Graph {
  return withPasses(options, startingAt(options, boundGradientGraph(detector, options)));
}

/** The gradient graph as it is before any pass, frozen values bound: to be split, then optimized. */
export function boundGradientGraph(detector: Detector, options: TrainingStepOptions): Graph {
  return gradientGraphOf(differentiate(detector, options), detector, options);
}

/** Split before any pass: what only the frozen layers compute needn't be folded and packed for a step that starts behind them. */
const startingAt = ({ fromFeatures, freeze }: TrainingStepOptions, graph: Graph): Graph =>
  fromFeatures ? splitGradientGraph(graph, freeze).rest : graph;

function withPasses({ amp }: TrainingStepOptions, graph: Graph): Graph {
  const optimized = optimize(graph);
  return amp ? mixedPrecision(optimized) : optimized;
}

/** The loss, its gradients by parameter, and the batch's statistics by running statistic. */
interface Differentiated {
  readonly losses: Readonly<Record<string, Node>>;
  readonly parameters: readonly Parameter[];
  readonly gradients: ReadonlyMap<string, Node>;
  readonly statistics: readonly NamedShape[];
  readonly batchStatistics: ReadonlyMap<string, Node>;
  /** Layers to whiten. */
  readonly linear: readonly LinearLayer[];
  readonly filterOrder: FilterOrder | undefined;
}

function differentiate(detector: Detector, options: TrainingStepOptions): Differentiated {
  const { freeze, imgsz, hyp, shape = [imgsz, imgsz], batchSize = 'batch' } = options;
  const { model } = detector;
  const trainable = new Set(freeze.trainable);
  const images = imageInput(batchSize, model.spec.channels, shape);
  const forward = model.forward(images, { batchNorm: (prefix) => batchNormMode(freeze, prefix) });
  const losses = lossNodes(forward.heads, detector, options);
  const gain = (options.lossGain ?? 1) * (options.amp ? LOSS_SCALE : 1);
  const scaled = gain === 1 ? losses.loss : ops.mul(losses.loss, gain);
  const trained = parameterGradients(scaled, trainable);
  const batchStatistics = statisticsByName(forward);
  return {
    losses,
    parameters: trained.map(([leaf]) => trainedParameter(leaf, options)),
    gradients: new Map(trained.map(([{ name }, gradient]) => [nameOf({ name }), gradient])),
    statistics: [...batchStatistics].map(([name, node]) => ({ name, shape: fixedShape(node.shape) })),
    batchStatistics,
    linear: hyp.whiten === undefined ? [] : linearLayers([losses.loss], trainable),
    filterOrder: options.filterOrder,
  };
}

/** Parameters that are updated alike share a vector; so do all running statistics, where there are any. */
function vectorsOf({ parameters, statistics, linear, filterOrder }: Differentiated) {
  return {
    groups: parameterVectors(parameters, filterOrder),
    statisticsVector: statistics.length > 0 ? [flatVector('statistics', statistics)] : [],
    matrices: linear.length > 0 ? flatVector('whitening', linear.map(whiteningOf)) : undefined,
  };
}

const asValue = ({ name, size }: FlatVector): NamedShape => ({ name, shape: [size] });

function gradientGraphOf(
  differentiated: Differentiated,
  { tensors }: Detector,
  { amp }: TrainingStepOptions,
  others: Readonly<Record<string, Node>> = {},
): Graph {
  const { losses, gradients: byName, batchStatistics } = differentiated;
  const { groups, statisticsVector } = vectorsOf(differentiated);
  const vectors = groups.map(({ vector }) => vector);
  const joined = vectors.map((vector) => joinNodes(vector, byName));
  const unscaled = amp ? unscaleGradients(joined) : joined;
  const accumulated = accumulate(Object.fromEntries(vectors.map(({ name }, i) => [name, unscaled[i]])));
  const running = new Map(statisticsVector.map((vector) => [vector, param(vector.name, [vector.size])]));
  const moved = [...running].map(
    ([vector, leaf]) =>
      [vector.name, movedTowards(leaf, joinNodes(vector, batchStatistics), BATCH_NORM_MOMENTUM)] as const,
  );
  const graph: Graph = {
    outputs: { ...others, ...losses, ...accumulated.outputs, ...Object.fromEntries(moved) },
    state: { ...accumulated.state, ...Object.fromEntries(moved.map(([name]) => [name, name])) },
  };
  const parts = new Map(
    [...vectors, ...statisticsVector].flatMap((vector) => [...partNodes(vector, running.get(vector))]),
  );
  const constants = new Map([...tensors].filter(([name]) => !parts.has(name)));
  return rewrite(bindConstants(graph, constants), (node) =>
    node.op === 'param' ? parts.get(nameOf(node)) : undefined,
  );
}

function trainedParameter(leaf: Node, { lrScales, cohorts, optimizer }: TrainingStepOptions): Parameter {
  const [name, sizes] = [nameOf(leaf), fixedShape(leaf.shape)];
  const lrScale = lrScales?.get(name) ?? 1;
  const cohort = countsUpdates(optimizer) ? (cohorts?.get(name) ?? 0) : 0;
  return {
    name,
    shape: sizes,
    group: parameterGroup(name, sizes),
    ...(lrScale === 1 ? {} : { lrScale }),
    ...(cohort === 0 ? {} : { cohort }),
  };
}

/** Leaves have names. */
const nameOf = ({ name = '' }: Pick<Node, 'name'>) => name;

/** The trainable leaves that the loss depends on, each with its gradient. */
function parameterGradients(loss: Node, trainable: ReadonlySet<string>): [Node, Node][] {
  const leaves = topologicalOrder([loss]).filter(
    (node) => node.op === 'param' && trainable.has(nameOf(node)),
  );
  const all = gradients(loss, leaves);
  return leaves.flatMap((leaf, i) => (all[i] ? [[leaf, all[i]] as [Node, Node]] : []));
}

/** Mean and variance of the batch at every batch normalization in `batch` mode, by the statistic they move. */
function statisticsByName({ statistics }: ForwardResult): Map<string, Node> {
  return new Map(
    [...statistics].flatMap(([prefix, { mean, variance }]) => [
      [`${prefix}.running_mean`, mean] as const,
      [`${prefix}.running_var`, variance] as const,
    ]),
  );
}

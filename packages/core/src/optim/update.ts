/**
 * The optimizer's part of training as one graph: clip the accumulated gradients, update the parameters, average
 * them, and set the gradients back to zero. It runs once per `accumulate` training steps. A parameter here may be a
 * vector of many (`flat.ts`).
 *
 * Values in the store: `NAME` the parameter, `grad/NAME` its accumulated gradient, `momentum/NAME` (SGD) or
 * `adam.m/NAME` and `adam.v/NAME`, `ema/NAME` its average.
 */
import { numel } from '@froyolo/common';
import { type Graph, input, type Node, param, scalar, type Tensor } from '../graph/node.js';
import { add, broadcastTo, div, minimum, mul, reduceSum, sqrt, square } from '../ops/build.js';
import { fixedShape } from '../ops/shapes.js';
import { shareSubexpressions } from '../passes/share-subexpressions.js';
import {
  type BiasCorrections,
  biasCorrections,
  OPTIMIZERS,
  type OptimizerName,
  type ParameterGroup,
  type UpdateScalars,
} from './optimizers.js';
import { emaDecay } from './schedule.js';

export interface NamedShape {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface Parameter extends NamedShape {
  readonly group: ParameterGroup;
  /** Factor on the group's learning rate. Default 1. */
  readonly lrScale?: number;
  /**
   * Parameters that training began to update at the same time; the first are 0, the default. Each cohort has its own
   * count of updates where the optimizer needs one.
   */
  readonly cohort?: number;
}

export interface UpdateOptions {
  /** The trained parameters. */
  readonly parameters: readonly Parameter[];
  /** Running statistics, averaged like parameters. */
  readonly emaBuffers?: readonly NamedShape[];
  readonly optimizer: OptimizerName;
  /** Largest L2 norm of all gradients together; larger ones are scaled down to it. 10 unless given. */
  readonly clipNorm?: number;
  /** What the accumulated gradients become, by name, before they are clipped. Default: they stay. */
  readonly precondition?: (gradients: ReadonlyMap<string, Node>) => ReadonlyMap<string, Node>;
}

const GROUPS: readonly ParameterGroup[] = ['weight', 'bn', 'bias'];

/** The group of a parameter from its PyTorch name: biases by name, weights of one axis are batch normalization's. */
export function parameterGroup(name: string, shape: readonly number[]): ParameterGroup {
  if (name.endsWith('.bias')) return 'bias';
  return shape.length === 1 ? 'bn' : 'weight';
}

/** A graph whose outputs replace the values of the same name; the norm before clipping is returned as `gradNorm`. */
export function buildUpdate(options: UpdateOptions): Graph {
  const { parameters, emaBuffers = [], optimizer, clipNorm = 10 } = options;
  const { slots, update } = OPTIMIZERS[optimizer];
  const scalars = groupScalars();
  const corrections = biasCorrectionInputs();
  const ema = emaOf();
  const gradients = preconditioned(options);
  const { clipped, norm } = clipByGlobalNorm(gradients, clipNorm);
  const next: Record<string, Node> = {};
  parameters.forEach(({ name, shape, group, lrScale = 1, cohort = 0 }, i) => {
    const kept = slots.map((slot) => param(`${slot}/${name}`, shape));
    const own = { ...withLrScale(scalars[group], lrScale), ...corrections(cohort) };
    const [updated, ...nextSlots] = update(param(name, shape), clipped[i], kept, own);
    next[name] = updated;
    slots.forEach((slot, k) => {
      next[`${slot}/${name}`] = nextSlots[k];
    });
    next[`grad/${name}`] = broadcastTo(scalar(0), shape);
    next[`ema/${name}`] = ema(param(`ema/${name}`, shape), updated);
  });
  for (const { name, shape } of emaBuffers)
    next[`ema/${name}`] = ema(param(`ema/${name}`, shape), param(name, shape));
  return shareSubexpressions({
    outputs: { ...next, gradNorm: norm },
    state: Object.fromEntries(Object.keys(next).map((name) => [name, name])),
  });
}

function preconditioned({ parameters, precondition = (gradients) => gradients }: UpdateOptions): Node[] {
  const accumulated = parameters.map(({ name, shape }) => [name, param(`grad/${name}`, shape)] as const);
  const gradients = precondition(new Map(accumulated));
  return accumulated.map(([name, gradient]) => gradients.get(name) ?? gradient);
}

type GroupScalars = Omit<UpdateScalars, keyof BiasCorrections<Node>>;

function groupScalars(): Record<ParameterGroup, GroupScalars> {
  const [momentum, weightDecay] = ['momentum', 'weightDecay'].map((name) => input(name, []));
  return {
    weight: { momentum, lr: input('lr/weight', []), weightDecay },
    bn: { momentum, lr: input('lr/bn', []) },
    bias: { momentum, lr: input('lr/bias', []) },
  };
}

/** Adam's corrections by cohort. */
function biasCorrectionInputs(): (cohort: number) => BiasCorrections<Node> {
  const made = new Map<number, BiasCorrections<Node>>();
  return (cohort) => {
    const found = made.get(cohort) ?? {
      biasCorrection1: input(ofCohort('biasCorrection1', cohort), []),
      biasCorrection2: input(ofCohort('biasCorrection2', cohort), []),
    };
    made.set(cohort, found);
    return found;
  };
}

const ofCohort = (name: string, cohort: number) => (cohort === 0 ? name : `${name}/${cohort}`);

const withLrScale = (scalars: GroupScalars, scale: number): GroupScalars =>
  scale === 1 ? scalars : { ...scalars, lr: mul(scalars.lr, scale) };

/** decay · average + (1 − decay) · x; both factors are inputs since 1 − decay is too small to compute in float32. */
function emaOf(): (average: Node, x: Node) => Node {
  const [decay, rest] = [input('emaDecay', []), input('emaRest', [])];
  return (average, x) => add(mul(average, decay), mul(x, rest));
}

/** Scales gradients by min(1, maxNorm / (norm + 1e-6)), where `norm` is the L2 norm of all of them together. */
export function clipByGlobalNorm(
  gradients: readonly Node[],
  maxNorm: number,
): { clipped: Node[]; norm: Node } {
  const squares = gradients.map((g) => reduceSum(square(g)));
  const norm = sqrt(squares.reduce(add, scalar(0)));
  const factor = minimum(div(scalar(maxNorm), add(norm, 1e-6)), 1);
  return { clipped: gradients.map((g) => mul(g, factor)), norm };
}

/**
 * Gradient accumulation, for the graph of a training step: outputs that add each gradient to `grad/NAME`.
 * @param gradients by parameter name
 */
export function accumulate(gradients: Readonly<Record<string, Node>>): Required<Graph> {
  const outputs = Object.fromEntries(
    Object.entries(gradients).map(([name, gradient]) => {
      const accumulated = `grad/${name}`;
      return [accumulated, add(param(accumulated, fixedShape(gradient.shape)), gradient)];
    }),
  );
  return { outputs, state: Object.fromEntries(Object.keys(outputs).map((name) => [name, name])) };
}

/**
 * What the store needs besides the parameters and buffers before the first step: zeros, and averages that start at
 * the values themselves.
 * @param values the parameters and buffers by name
 */
export function initialState(
  { parameters, emaBuffers = [], optimizer }: UpdateOptions,
  values: ReadonlyMap<string, Tensor>,
): Map<string, Tensor> {
  const state = new Map<string, Tensor>();
  for (const { name, shape } of parameters)
    for (const slot of ['grad', ...OPTIMIZERS[optimizer].slots]) state.set(`${slot}/${name}`, zeros(shape));
  for (const { name } of [...parameters, ...emaBuffers]) {
    const value = values.get(name);
    if (!value) throw new RangeError(`no value given for "${name}", whose average starts from it`);
    state.set(`ema/${name}`, { ...value, data: value.data.slice() });
  }
  return state;
}

const zeros = (shape: readonly number[]): Tensor => ({
  dtype: 'float32',
  shape,
  data: new Float32Array(numel(shape)),
});

export interface UpdateSettings {
  readonly lr: Readonly<Record<ParameterGroup, number>>;
  /** Momentum of SGD, β₁ of Adam. */
  readonly momentum: number;
  readonly weightDecay: number;
  /** Number of this update, from 1. */
  readonly update: number;
  /** Time constant of the averages, in updates. Default 2000. */
  readonly emaTau?: number | undefined;
  /** Decay of the averages, instead of one that rises with that constant. */
  readonly emaDecay?: number | undefined;
  /** Number of updates done when cohort 1 of parameters joined, cohort 2, … Default: no cohort joins later. */
  readonly joined?: readonly number[];
}

/** The scalar inputs of the graph of `buildUpdate`. */
export function updateFeeds({
  lr,
  momentum,
  weightDecay,
  update,
  emaTau,
  emaDecay: decay = emaDecay(update, emaTau),
  joined = [],
}: UpdateSettings): Record<string, Tensor> {
  const values: Record<string, number> = {
    momentum,
    weightDecay,
    emaDecay: decay,
    emaRest: 1 - decay,
  };
  for (const [cohort, before] of [0, ...joined].entries())
    for (const [name, value] of Object.entries(biasCorrections(momentum, update - before)))
      values[ofCohort(name, cohort)] = value;
  for (const group of GROUPS) values[`lr/${group}`] = lr[group];
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      { dtype: 'float32' as const, shape: [], data: Float32Array.of(value) },
    ]),
  );
}

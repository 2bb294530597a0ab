/** The update rules, one entry per optimizer, as PyTorch defines them (torch.optim.SGD, Adam, AdamW). */
import type { Node } from '../graph/node.js';
import { add, div, mul, sqrt, square, sub } from '../ops/build.js';

export type OptimizerName = 'SGD' | 'Adam' | 'AdamW';

/** Convolution weights decay; weights of batch normalization and biases don't. Each has its own learning rate. */
export type ParameterGroup = 'weight' | 'bn' | 'bias';

/** Scalars of one update, shape `[]`. */
export interface UpdateScalars extends BiasCorrections<Node> {
  readonly lr: Node;
  /** Absent for groups without decay. */
  readonly weightDecay?: Node;
  /** Momentum of SGD, β₁ of Adam. */
  readonly momentum: Node;
}

/** Adam's 1 − β₁ᵗ and √(1 − β₂ᵗ) at a parameter's t-th update. */
export interface BiasCorrections<T> {
  readonly biasCorrection1: T;
  readonly biasCorrection2: T;
}

export interface Optimizer {
  /** Values kept per parameter, of its shape and zero at first; a value's name is `slot/parameter`. */
  readonly slots: readonly string[];
  /** Whether an update depends on how many there were before it. */
  readonly countsUpdates: boolean;
  /** The new parameter, then the new values of the slots. */
  update(parameter: Node, gradient: Node, slots: readonly Node[], scalars: UpdateScalars): Node[];
}

const BETA2 = 0.999;
const EPS = 1e-8;

export const biasCorrections = (beta1: number, update: number): BiasCorrections<number> => ({
  biasCorrection1: 1 - beta1 ** update,
  biasCorrection2: Math.sqrt(1 - BETA2 ** update),
});

/** L2 regularization: decay as a part of the gradient. */
const decayed = (parameter: Node, gradient: Node, { weightDecay }: UpdateScalars) =>
  weightDecay ? add(gradient, mul(parameter, weightDecay)) : gradient;

/** Nesterov's momentum: buf' = m · buf + g, p' = p − lr · (g + m · buf'). */
const sgd: Optimizer = {
  slots: ['momentum'],
  countsUpdates: false,
  update(parameter, gradient, [buffer], scalars) {
    const { lr, momentum } = scalars;
    const g = decayed(parameter, gradient, scalars);
    const next = add(mul(buffer, momentum), g);
    return [sub(parameter, mul(add(g, mul(next, momentum)), lr)), next];
  },
};

/** Kingma & Ba, 2015: p' = p − lr / (1 − β₁ᵗ) · m' / (√v' / √(1 − β₂ᵗ) + ε). */
function adamStep(parameter: Node, g: Node, [m, v]: readonly Node[], scalars: UpdateScalars): Node[] {
  const { lr, momentum, biasCorrection1, biasCorrection2 } = scalars;
  const nextM = add(m, mul(sub(g, m), sub(1, momentum)));
  const nextV = add(mul(v, BETA2), mul(square(g), 1 - BETA2));
  const denominator = add(div(sqrt(nextV), biasCorrection2), EPS);
  const step = mul(div(nextM, denominator), div(lr, biasCorrection1));
  return [sub(parameter, step), nextM, nextV];
}

const ADAM_SLOTS = ['adam.m', 'adam.v'];

const adam: Optimizer = {
  slots: ADAM_SLOTS,
  countsUpdates: true,
  update: (parameter, gradient, slots, scalars) =>
    adamStep(parameter, decayed(parameter, gradient, scalars), slots, scalars),
};

/** Loshchilov & Hutter, 2019: the decay acts on the parameter itself, p · (1 − lr · decay), before Adam's step. */
const adamW: Optimizer = {
  slots: ADAM_SLOTS,
  countsUpdates: true,
  update(parameter, gradient, slots, scalars) {
    const { lr, weightDecay } = scalars;
    const shrunk = weightDecay ? mul(parameter, sub(1, mul(lr, weightDecay))) : parameter;
    return adamStep(shrunk, gradient, slots, scalars);
  },
};

export const OPTIMIZERS: Readonly<Record<OptimizerName, Optimizer>> = { SGD: sgd, Adam: adam, AdamW: adamW };

/** Whether parameters that are trained later than others need a count of updates of their own. */
export const countsUpdates = (optimizer: OptimizerName): boolean => OPTIMIZERS[optimizer].countsUpdates;

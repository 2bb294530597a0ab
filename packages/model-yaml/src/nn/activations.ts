/** Activations an architecture can name. */
import { type Node, ops } from '@froyolo/core';
import type { Forward, ModuleInfo, Scope } from './scope.js';

export interface Activation {
  /** PyTorch's class. */
  readonly type: string;
  readonly attributes: ModuleInfo['attributes'];
  apply(x: Node): Node;
}

const IN_PLACE = { inplace: false };

const activation = (
  name: string,
  apply: Activation['apply'],
  attributes: Activation['attributes'] = IN_PLACE,
): Activation => ({ type: `torch.nn.modules.activation.${name}`, attributes, apply });

export const identity: Activation = {
  type: 'torch.nn.modules.linear.Identity',
  attributes: {},
  apply: (x) => x,
};

export const silu = activation('SiLU', ops.silu);

const hardSigmoid = (x: Node) => ops.mul(ops.clip(ops.add(x, 3), 0, 6), 1 / 6);

/** Keyed by the name after `nn.`; `argument` is the one number in parentheses, if any. */
export const ACTIVATIONS: Readonly<Record<string, (argument?: number) => Activation>> = {
  SiLU: () => silu,
  ReLU: () => activation('ReLU', (x) => ops.leakyRelu(x, 0)),
  ReLU6: () =>
    activation('ReLU6', (x) => ops.clip(x, 0, 6), {
      min_val: { float: 0 },
      max_val: { float: 6 },
      ...IN_PLACE,
    }),
  LeakyReLU: (slope = 0.01) =>
    activation('LeakyReLU', (x) => ops.leakyRelu(x, slope), {
      negative_slope: { float: slope },
      ...IN_PLACE,
    }),
  Hardswish: () => activation('Hardswish', (x) => ops.mul(x, hardSigmoid(x))),
  Hardsigmoid: () => activation('Hardsigmoid', hardSigmoid),
  Mish: () => activation('Mish', (x) => ops.mul(x, ops.tanh(ops.softplus(x)))),
  Sigmoid: () => activation('Sigmoid', ops.sigmoid, {}),
  Tanh: () => activation('Tanh', ops.tanh, {}),
  Identity: () => identity,
};

/** `nn.LeakyReLU(0.1)` to a function; undefined when it isn't one of the table. */
export function parseActivation(text: string): Activation | undefined {
  const match =
    /^(?:torch\.)?nn\.(\w+)\((?:negative_slope=)?(\d*\.?\d+)?(?:,?\s*inplace=(?:True|False))?\)$/.exec(
      text.trim(),
    );
  const [, name, argument] = match ?? [];
  if (name === undefined || !Object.hasOwn(ACTIVATIONS, name)) return undefined;
  return ACTIVATIONS[name]?.(argument === undefined ? undefined : Number(argument));
}

export function activationNames(): string[] {
  return Object.keys(ACTIVATIONS).map((name) => `nn.${name}()`);
}

/** An activation as a module of its own. */
export function activate(scope: Scope, { type, attributes, apply }: Activation): Forward {
  scope.module(type, attributes);
  return (x) => apply(x);
}

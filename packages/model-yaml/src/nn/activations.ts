/** Activations an architecture can name. */
import { type Node, ops } from '@froyolo/core';

export type Activation = (x: Node) => Node;

const identity: Activation = (x) => x;

/** Keyed by the name after `nn.`; `argument` is the one number in parentheses, if any. */
const ACTIVATIONS: Readonly<Record<string, (argument?: number) => Activation>> = {
  SiLU: () => ops.silu,
  ReLU: () => (x) => ops.leakyRelu(x, 0),
  LeakyReLU:
    (slope = 0.01) =>
    (x) =>
      ops.leakyRelu(x, slope),
  Hardswish: () => (x) => ops.mul(x, ops.mul(ops.clip(ops.add(x, 3), 0, 6), 1 / 6)),
  Mish: () => (x) => ops.mul(x, ops.tanh(ops.softplus(x))),
  Identity: () => identity,
};

/** `nn.LeakyReLU(0.1)` to a function; undefined when it isn't one of the table. */
export function parseActivation(text: string): Activation | undefined {
  const match =
    /^(?:torch\.)?nn\.(\w+)\((?:negative_slope=)?(\d*\.?\d+)?(?:,?\s*inplace=(?:True|False))?\)$/.exec(
      text.trim(),
    );
  if (!match || !Object.hasOwn(ACTIVATIONS, match[1])) return undefined;
  return ACTIVATIONS[match[1]](match[2] === undefined ? undefined : Number(match[2]));
}

export function activationNames(): string[] {
  return Object.keys(ACTIVATIONS).map((name) => `nn.${name}()`);
}

export { identity };

/** Elementwise ops as WGSL expressions of their operands. */
import type { Node } from '../../graph/node.js';
import { isOp } from '../../ops/op-node.js';
import type { OpName } from '../../ops/table.js';
import { isInteger } from './text.js';

type Write = (operands: readonly string[], node: Node) => string;

const sigmoid = (x: string) => `(1f / (1f + exp(-${x})))`;

export const ELEMENTWISE: { readonly [O in OpName]?: Write } = {
  neg: ([x]) => `-${x}`,
  exp: ([x]) => `exp(${x})`,
  log: ([x]) => `log(${x})`,
  sqrt: ([x]) => `sqrt(${x})`,
  reciprocal: ([x]) => `1f / ${x}`,
  abs: ([x]) => `abs(${x})`,
  atan: ([x]) => `atan(${x})`,
  // Drivers compute it from exponentials, which overflow.
  tanh: ([x]) => `tanh(clamp(${x}, -15f, 15f))`,
  sigmoid: ([x]) => sigmoid(x),
  silu: ([x]) => `${x} / (1f + exp(-${x}))`,
  softplus: ([x]) => `max(${x}, 0f) + log(1f + exp(-abs(${x})))`,
  leakyRelu: ([x], node) =>
    `select(${isOp(node, 'leakyRelu') ? node.attrs.alpha : 0}f * ${x}, ${x}, ${x} > 0f)`,
  stopGradient: ([x]) => x,
  cast: ([x], { inputs: [from], dtype }) => converted(x, isInteger(from.dtype), isInteger(dtype)),
  add: ([a, b]) => `${a} + ${b}`,
  sub: ([a, b]) => `${a} - ${b}`,
  mul: ([a, b]) => `${a} * ${b}`,
  div: ([a, b]) => `${a} / ${b}`,
  maximum: ([a, b]) => `max(${a}, ${b})`,
  minimum: ([a, b]) => `min(${a}, ${b})`,
  greater: ([a, b]) => `select(0f, 1f, ${a} > ${b})`,
  equal: ([a, b]) => `select(0f, 1f, ${a} == ${b})`,
  siluBackward: ([dy, x]) => `${dy} * ${sigmoid(x)} * (1f + ${x} * (1f - ${sigmoid(x)}))`,
  channelAffine: ([x, a, b]) => `fma(${x}, ${a}, ${b})`,
  channelAffine2: ([x, a, y, b, d]) => `fma(${x}, ${a}, fma(${y}, ${b}, ${d}))`,
  where: ([condition, a, b]) => `select(${b}, ${a}, ${condition} > 0f)`,
};

function converted(x: string, from: boolean, to: boolean): string {
  if (from === to) return x;
  return to ? `i32(${x})` : `f32(${x})`;
}

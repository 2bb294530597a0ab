/** Elementwise ops as WGSL expressions of their operands. */
import type { Node } from '../../graph/node.js';
import { isOp } from '../../ops/op-node.js';
import type { OpName } from '../../ops/table.js';
import type { Code } from './code.js';
import { Index } from './index-of.js';
import { type Expression, isInteger } from './text.js';

type Write = (operands: readonly string[], node: Node) => string;

/** Computes an element from the operands' elements at the same place. */
const each =
  (write: Write): Expression =>
  (values, node, index) =>
    write(
      node.inputs.map((x) => values.at(x, operandIndex(values.code, node, x, index))),
      node,
    );

/** Vectors of per-channel ops have a value for each channel; other operands broadcast. */
function operandIndex(code: Code, node: Node, x: Node, index: Index): Index {
  const perChannel = isOp(node, 'channelAffine', 'channelAffine2') && x.shape.length === 1;
  return perChannel ? Index.flat(code, x.shape, index.coords[1]) : index.broadcast(x.shape);
}

const sigmoid = (x: string) => `(1f / (1f + exp(-${x})))`;

export const ELEMENTWISE = {
  neg: each(([x]) => `-${x}`),
  exp: each(([x]) => `exp(${x})`),
  log: each(([x]) => `log(${x})`),
  sqrt: each(([x]) => `sqrt(${x})`),
  reciprocal: each(([x]) => `1f / ${x}`),
  abs: each(([x]) => `abs(${x})`),
  atan: each(([x]) => `atan(${x})`),
  // Clamped, since drivers compute it from exponentials, which overflow.
  tanh: each(([x]) => `tanh(clamp(${x}, -15f, 15f))`),
  sigmoid: each(([x]) => sigmoid(x)),
  silu: each(([x]) => `${x} / (1f + exp(-${x}))`),
  softplus: each(([x]) => `max(${x}, 0f) + log(1f + exp(-abs(${x})))`),
  leakyRelu: each(
    ([x], node) => `select(${isOp(node, 'leakyRelu') ? node.attrs.alpha : 0}f * ${x}, ${x}, ${x} > 0f)`,
  ),
  stopGradient: each(([x]) => x),
  cast: each(([x], { inputs: [from], dtype }) => converted(x, isInteger(from.dtype), isInteger(dtype))),
  add: each(([a, b]) => `${a} + ${b}`),
  sub: each(([a, b]) => `${a} - ${b}`),
  mul: each(([a, b]) => `${a} * ${b}`),
  div: each(([a, b]) => `${a} / ${b}`),
  maximum: each(([a, b]) => `max(${a}, ${b})`),
  minimum: each(([a, b]) => `min(${a}, ${b})`),
  greater: each(([a, b]) => `select(0f, 1f, ${a} > ${b})`),
  equal: each(([a, b]) => `select(0f, 1f, ${a} == ${b})`),
  siluBackward: each(([dy, x]) => `${dy} * ${sigmoid(x)} * (1f + ${x} * (1f - ${sigmoid(x)}))`),
  channelAffine: each(([x, a, b]) => `fma(${x}, ${a}, ${b})`),
  channelAffine2: each(([x, a, y, b, d]) => `fma(${x}, ${a}, fma(${y}, ${b}, ${d}))`),
  where: each(([condition, a, b]) => `select(${b}, ${a}, ${condition} > 0f)`),
} satisfies { readonly [O in OpName]?: Expression };

function converted(x: string, from: boolean, to: boolean): string {
  if (from === to) return x;
  return to ? `i32(${x})` : `f32(${x})`;
}

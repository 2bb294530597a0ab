/** Fresh values for a model, drawn from the distributions that PyTorch and YOLOv5 start from. */

import { numel } from '@froyolo/common';
import type { Tensor } from '@froyolo/core';
import { must } from '@froyolo/errors';
import type { Model } from './model.js';
import type { ParameterInfo } from './nn/scope.js';
import { randomOf } from './random.js';

/**
 * Values of every parameter and buffer, by name.
 * - Convolutions and linear layers: uniform within 1 / sqrt(fan-in), which is Kaiming's bound (He et al., 2015) for a leaky slope of sqrt(5).
 * - Attention: its joint projection uniform within Glorot's bound (Glorot and Bengio, 2010), its biases 0.
 * - Batch normalization: weight 1, bias 0, running mean 0, running variance 1, counter 0.
 * - Weighted sum: -1/2, -1, -3/2, …
 * - What the head starts from: its own.
 *
 * Each tensor has its own stream of random numbers, from the seed and its name, so it doesn't depend on the other tensors.
 */
export function initialize(model: Model, seed: number): Map<string, Tensor> {
  const values = new Map<string, Tensor>();
  for (const parameter of model.parameters) {
    values.set(parameter.name, float32(parameter.shape, parameterValues(parameter, model, seed)));
  }
  for (const { name, shape, dtype } of model.buffers) {
    values.set(
      name,
      dtype === 'int64'
        ? { dtype: 'int32', shape, data: new Int32Array(numel(shape)) }
        : float32(shape, bufferValues(name, shape)),
    );
  }
  const { head, spec, strides, sections } = model;
  head.initialize?.(values, { prefix: `model.${sections.head[0]}`, spec, strides });
  return values;
}

const float32 = (shape: readonly number[], data: Float32Array): Tensor => ({ dtype: 'float32', shape, data });

function parameterValues({ name, shape, role }: ParameterInfo, model: Model, seed: number): Float32Array {
  const data = new Float32Array(numel(shape));
  if (role === 'bn.weight') return data.fill(1);
  if (role === 'bn.bias' || role === 'attention.bias') return data;
  if (role === 'sum.weight') return data.map((_, i) => -(i + 1) / 2);
  const bound =
    role === 'attention.weight'
      ? Math.sqrt(6 / (shape[0] + shape[1]))
      : 1 / Math.sqrt(fanIn(name, shape, role, model));
  const random = randomOf(seed, name);
  return data.map(() => (2 * random() - 1) * bound);
}

/** Inputs of one output value; a bias takes those of its weight. */
function fanIn(name: string, shape: readonly number[], role: ParameterInfo['role'], model: Model): number {
  if (role.endsWith('.weight')) return numel(shape.slice(1));
  const weight = name.replace(/bias$/, 'weight');
  return numel(
    must(
      model.parameters.find((p) => p.name === weight),
      weight,
    ).shape.slice(1),
  );
}

function bufferValues(name: string, shape: readonly number[]): Float32Array {
  return new Float32Array(numel(shape)).fill(name.endsWith('.running_var') ? 1 : 0);
}

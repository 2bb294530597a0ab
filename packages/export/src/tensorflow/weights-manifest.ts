/** The values of a graph's constants as TensorFlow.js keeps them: one after the other, with a list of what they are. */
import { toFloat16 } from '@froyolo/core';
import type { NodeDef } from '@froyolo/core/tensorflow';

export type WeightPrecision = 'float32' | 'float16' | 'uint8';

/** Elements from which a tensor counts as weights; what is smaller keeps all its bits. */
const SMALLEST_WEIGHT = 65;
const LEVELS = 255;
const FLOAT = 1;

interface Quantization {
  readonly dtype: 'float16' | 'uint8';
  readonly original_dtype: 'float32';
  readonly min?: number;
  readonly scale?: number;
}

export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  readonly quantization?: Quantization;
}

export function collectWeights(
  nodes: readonly NodeDef[],
  precision: WeightPrecision,
): { specs: WeightSpec[]; data: Uint8Array } {
  const weights = nodes.flatMap((node) => weightOf(node, precision));
  const data = new Uint8Array(weights.reduce((sum, { bytes }) => sum + bytes.length, 0));
  let at = 0;
  for (const { bytes } of weights) {
    data.set(bytes, at);
    at += bytes.length;
  }
  return { specs: weights.map(({ spec }) => spec), data };
}

interface Weight {
  readonly spec: WeightSpec;
  readonly bytes: Uint8Array;
}

function weightOf({ name, attr }: NodeDef, precision: WeightPrecision): Weight[] {
  const tensor = attr.value?.tensor;
  if (!tensor) return [];
  const shape = tensor.tensorShape.dim.map(({ size }) => size);
  const bytes = tensor.tensorContent;
  if (tensor.dtype !== FLOAT) return [{ spec: { name, shape, dtype: 'int32' }, bytes }];
  const spec = { name, shape, dtype: 'float32' } as const;
  const floats = new Float32Array(bytes.slice().buffer);
  if (precision === 'float32' || floats.length < SMALLEST_WEIGHT) return [{ spec, bytes }];
  return [precision === 'float16' ? asHalves(spec, floats) : asBytes(spec, floats)];
}

function asHalves(spec: WeightSpec, floats: Float32Array): Weight {
  const halves = new Uint16Array(floats.length);
  toFloat16(floats, halves);
  const quantization = { dtype: 'float16', original_dtype: 'float32' } as const;
  return { spec: { ...spec, quantization }, bytes: new Uint8Array(halves.buffer) };
}

/** Equal steps from the smallest value to the largest; the step nearest to 0 is 0. */
function asBytes(spec: WeightSpec, floats: Float32Array): Weight {
  const [lowest, highest] = floats.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [0, 0],
  );
  const scale = Math.max(highest - lowest, 1e-9) / LEVELS;
  const zero = Math.round(-lowest / scale);
  const bytes = Uint8Array.from(floats, (value) =>
    Math.min(LEVELS, Math.max(0, Math.round(value / scale) + zero)),
  );
  const min = -zero * scale;
  const quantization = { dtype: 'uint8', original_dtype: 'float32', min, scale } as const;
  return { spec: { ...spec, quantization }, bytes };
}

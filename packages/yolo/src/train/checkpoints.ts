/** Detectors as checkpoints. */
import { type Checkpoint, float32Tensor, type TensorData, toFloat16 } from '@froyolo/weights';
import type { Detector } from '../detector/detector.js';

/** What a finished detector is saved as: float16, half the size, as the reference does. */
export function checkpointOf(detector: Detector): Checkpoint {
  const { tensors, ...rest } = floatCheckpointOf(detector);
  return { ...rest, tensors: new Map([...tensors].map(([name, value]) => [name, halved(value)])) };
}

const halved = (value: TensorData) => (value.dtype === 'float32' ? toFloat16(value) : value);

/** A detector as a checkpoint, in float32. */
export function floatCheckpointOf({ family, model, tensors, names }: Detector): Checkpoint {
  const floats = [...tensors].map(
    ([name, { shape, data }]) => [name, float32Tensor(shape, data as Float32Array)] as const,
  );
  // PyTorch counts the batches that a batch normalization has seen; nothing here reads the count.
  const counters = model.buffers
    .filter(({ dtype }) => dtype === 'int64')
    .map(({ name, shape }) => [name, { dtype: 'int64', shape, data: new BigInt64Array(1) }] as const);
  return {
    tensors: new Map<string, TensorData>([...floats, ...counters]),
    source: 'ema',
    family: family.name,
    yaml: model.spec.source as NonNullable<Checkpoint['yaml']>,
    names,
    numClasses: model.numClasses,
    stride: model.strides,
    ...(model.anchors.length > 0 ? { anchors: model.anchors.map((level) => level.flat()) } : {}),
  };
}

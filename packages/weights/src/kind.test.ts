import { describe, expect, test } from 'vitest';
import type { Checkpoint } from './checkpoint.js';
import { checkDetector } from './kind.js';
import { float32Tensor, type TensorData, toFloat16 } from './tensor.js';

const one = float32Tensor([1], Float32Array.of(1));
const checkpoint = (names: readonly string[], more: Partial<Checkpoint> = {}): Checkpoint => ({
  tensors: new Map(names.map((name) => [name, one])),
  source: 'model',
  file: 'best.pt',
  ...more,
});
const usual = ['model.0.conv.weight', 'model.0.bn.weight', 'model.24.m.0.weight'];

describe('what a checkpoint is', () => {
  test('a detector of YOLOv5 passes', () => {
    expect(() =>
      checkDetector(checkpoint(usual, { classes: 'models.yolo.Model models.yolo.Detect' })),
    ).not.toThrow();
  });

  test.each<[string, Checkpoint, RegExp]>([
    ['YOLOv8', checkpoint(usual, { classes: 'ultralytics.nn.tasks.DetectionModel' }), /YOLOv8/],
    ['a state dict of YOLOv8', checkpoint([...usual, 'model.22.dfl.conv.weight']), /YOLOv8/],
    ['YOLOv7', checkpoint(usual, { classes: 'models.yolo.Model models.yolo.IDetect' }), /YOLOv7/],
    ['a state dict of YOLOv7', checkpoint([...usual, 'model.105.ia.0.implicit']), /YOLOv7/],
    [
      'segmentation',
      checkpoint(usual, { classes: 'models.yolo.SegmentationModel models.yolo.Segment' }),
      /segmentation/,
    ],
    ['classification', checkpoint(['model.0.conv.weight', 'model.9.linear.weight']), /classification/],
    ['a fused model', checkpoint(['model.0.conv.weight', 'model.0.conv.bias']), /fused/],
  ])('%s is named, with the file and advice', (_, wrong, message) => {
    expect(() => checkDetector(wrong)).toThrow(message);
    expect(() => checkDetector(wrong)).toThrow('best.pt');
    expect(() => checkDetector(wrong)).toThrow(/Take (a|the) /);
  });

  const variances = float32Tensor([3], Float32Array.of(1, -1, -0));
  test.each([variances, toFloat16(variances)])('negative variances are counted', (tensor) => {
    const tensors = new Map([['model.0.bn.running_var', tensor]]);
    expect(() => checkDetector({ tensors, source: 'ema', file: 'odd.pt' })).toThrow(
      /1 of 3 variances of "model\.0\.bn\.running_var" are negative.*odd\.pt/,
    );
  });

  const bad = float32Tensor([3], Float32Array.of(1, Number.NaN, Number.POSITIVE_INFINITY));
  test.each<[string, TensorData]>([
    ['float32', bad],
    ['float16', toFloat16(bad)],
    ['float64', { dtype: 'float64', shape: [3], data: Float64Array.from(bad.data, Number) }],
    ['bfloat16', { dtype: 'bfloat16', shape: [3], data: Uint16Array.of(0x3f80, 0x7fc0, 0xff80) }],
  ])('NaN and infinity in %s are counted', (_, tensor) => {
    const tensors = new Map([['model.0.conv.weight', tensor]]);
    expect(() => checkDetector({ tensors, source: 'ema', file: 'nan.pt' })).toThrow(
      /2 of 3 values of "model\.0\.conv\.weight".*nan\.pt/,
    );
  });
});

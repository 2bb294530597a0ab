import { loadCheckpoint, readSafetensors } from '@froyolo/weights';
import { checkpointOf } from '@froyolo/yolo';
import { describe, expect, test } from 'vitest';
import { exportModel } from './export-model.js';
import { tinyDetector } from './testing/tiny-detector.js';

describe('exportModel', () => {
  test('writes each format that is asked for, in its order', async () => {
    const include = ['onnx', 'pt', 'state_dict', 'safetensors', 'saved_model', 'pb', 'tfjs'];
    const files = await exportModel(tinyDetector(), { include, name: 'tiny', imgsz: 64 });
    expect(files.map(({ path }) => path)).toEqual([
      'tiny.onnx',
      'tiny.pt',
      'tiny_state_dict.pt',
      'tiny_weights.safetensors',
      'tiny_saved_model/saved_model.pb',
      'tiny.pb',
      'tiny_web_model/group1-shard1of1.bin',
      'tiny_web_model/model.json',
    ]);
    const { tensors } = checkpointOf(tinyDetector());
    const [, pt, stateDict, safetensors] = files.map(({ bytes }) => bytes);
    for (const bytes of [pt, stateDict]) {
      if (!bytes) throw new Error('a file is missing');
      expect(loadCheckpoint(bytes).tensors).toEqual(tensors);
    }
    if (!safetensors) throw new Error('a file is missing');
    expect(readSafetensors(safetensors)).toEqual({ tensors, metadata: { format: 'pt' } });
  });

  test.each([
    ['torchscript', 'export.py --weights'],
    ['openvino', 'ovc'],
    ['engine', 'trtexec'],
    ['tflite', 'export.py'],
    ['constructor', 'choose from pt,'],
  ])('%s: says how to get there', async (format, way) => {
    await expect(exportModel(tinyDetector(), { include: [format] })).rejects.toThrow(way);
  });

  test('commas between formats are as good as spaces', async () => {
    const files = await exportModel(tinyDetector(), { include: ['pt,safetensors', 'state_dict'] });
    expect(files.map(({ format }) => format)).toEqual(['pt', 'safetensors', 'state_dict']);
  });

  test.each([
    ['saved_model', { half: true }, 'for ONNX and TensorFlow.js'],
    ['saved_model', { int8: true }, '8 bits are for ONNX and TensorFlow.js'],
    ['pb', { int8: true }, '8 bits are for ONNX and TensorFlow.js'],
    ['onnx', { int8: true }, 'measured on images'],
    ['tfjs', { int8: true, half: true }, 'choose one'],
  ])('%s with %o is refused', async (format, options, why) => {
    const asked = exportModel(tinyDetector(), { include: [format], imgsz: 64, ...options });
    await expect(asked).rejects.toThrow(why);
  });

  test('8 bits of TensorFlow.js need no images', async () => {
    const size = async (int8: boolean) => {
      const [weights] = await exportModel(tinyDetector(), { include: ['tfjs'], imgsz: 64, int8 });
      return weights?.bytes.length ?? 0;
    };
    expect(await size(true)).toBeLessThan(0.5 * (await size(false)));
  });
});

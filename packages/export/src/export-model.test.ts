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

  test('a SavedModel is refused what it can’t have', async () => {
    const asked = exportModel(tinyDetector(), { include: ['saved_model'], half: true, imgsz: 64 });
    await expect(asked).rejects.toThrow('for ONNX and TensorFlow.js');
  });
});

import { createInterpreter } from '@froyolo/core';
import { createOnnxExecutor } from '@froyolo/core/onnx';
import { createPredictor, type Detector } from '@froyolo/yolo';
import ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { tinyDetector } from '../testing/tiny-detector.js';
import { OnnxGraph } from './graph.js';
import { readOnnxDetector } from './read.js';
import { type OnnxOptions, writeOnnx } from './write.js';

const executor = createOnnxExecutor(ort);
const detector = tinyDetector(['cat', 'dog']);
const image = {
  width: 96,
  height: 64,
  data: Uint8Array.from({ length: 96 * 64 * 3 }, (_, i) => (i * 7919) % 251),
};

async function detect(one: Detector, imgsz: [number, number]) {
  const predictor = createPredictor(one, { executor, imgsz, confThres: 0.001, iouThres: 0.3, maxDet: 10 });
  const { detections } = await predictor.predict(image);
  await predictor.dispose();
  return detections;
}

describe('an ONNX export read again', () => {
  test.each<[string, OnnxOptions]>([
    ['of one size and batch', { imgsz: [64, 96], batchSize: 2 }],
    ['with dynamic sizes', { dynamic: true }],
  ])('%s detects what the detector does', async (_, options) => {
    const read = readOnnxDetector(writeOnnx(detector, options), 'a.onnx');
    expect(read.names).toEqual(detector.names);
    const [expected, found] = [await detect(detector, [64, 96]), await detect(read, [64, 96])];
    expect(found.length).toBeGreaterThan(3);
    expect(found.map(({ name }) => name)).toEqual(expected.map(({ name }) => name));
    found.forEach(({ box, confidence }, i) => {
      expect(confidence).toBeCloseTo(expected[i]?.confidence ?? Number.NaN, 5);
      box.forEach((value, k) => {
        expect(value).toBeCloseTo(expected[i]?.box[k] ?? Number.NaN, 2);
      });
    });
  });

  test('says which size it takes, and which devices run it', async () => {
    const read = readOnnxDetector(writeOnnx(detector, { imgsz: 64 }), 'a.onnx');
    await expect(detect(read, [128, 128])).rejects.toThrow('a.onnx takes images of 64 × 64');
    const predictor = createPredictor(read, { executor: createInterpreter(), imgsz: 64 });
    await expect(predictor.predict(image)).rejects.toThrow('devices of onnxruntime');
  });

  test('without names it has as many classes as columns', () => {
    const graph = new OnnxGraph(writeOnnx(detector, { imgsz: 64 }));
    expect(readOnnxDetector(graph.encode(12, {})).names).toEqual(['class0', 'class1']);
  });

  const plain = writeOnnx(detector, { imgsz: 64 });
  test.each<[string, Uint8Array, RegExp]>([
    ['suppressed boxes', writeOnnx(detector, { imgsz: 64, nms: true }), /without --nms/],
    [
      'other names than columns',
      new OnnxGraph(plain).encode(12, { names: "{0: 'a'}" }),
      /columns for 1 classes/,
    ],
    ['a stride of nonsense', new OnnxGraph(plain).encode(12, { stride: '1e9' }), /stride/],
    ['an empty file', new Uint8Array(0), /no ONNX model/],
    ['text', new TextEncoder().encode('<!doctype html>'), /no ONNX model/],
    ['half a file', plain.subarray(0, plain.length / 2), /no ONNX model|no detector/],
  ])('%s: refused, with the file', (_, bytes, message) => {
    expect(() => readOnnxDetector(bytes, 'b.onnx')).toThrow(message);
    expect(() => readOnnxDetector(bytes, 'b.onnx')).toThrow('b.onnx');
  });
});

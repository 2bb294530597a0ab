import { nonMaxSuppression } from '@froyolo/boxes';
import { createOnnxExecutor } from '@froyolo/core/onnx';
import ort from 'onnxruntime-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { pseudoImage, tinyDetector } from '../testing/tiny-detector.js';
import { OnnxGraph } from './graph.js';
import { quantizeOnnx } from './quantize.js';
import { type OnnxOptions, writeOnnx } from './write.js';

/** Columns of a row of predictions. */
const COLUMNS = { objectness: 4, classes: 5 };
const executor = createOnnxExecutor(ort);
const detector = tinyDetector(['cat', "crow's nest"]);

async function run(bytes: Uint8Array, shape: readonly number[]) {
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const images = new ort.Tensor('float32', pseudoImage(shape), [...shape]);
  const { output0 } = await session.run({ images });
  await session.release();
  if (!output0) throw new Error('no output0');
  return { data: Float32Array.from(output0.data as ArrayLike<number>), dims: [...output0.dims] };
}

/** What the network gives in the executor that trains it. */
async function expected([n, c, height, width]: readonly [number, number, number, number]) {
  const { model, tensors, family } = detector;
  const { bindConstants, input, optimize } = await import('@froyolo/core');
  const { heads } = model.forward(input('images', [n, c, height, width]), { batchNorm: () => 'running' });
  const graph = optimize(bindConstants({ outputs: { y: family.decode(heads, model) } }, tensors));
  const program = await executor.compile(graph);
  const shape = [n, c, height, width];
  const { y } = await program.run({ images: { dtype: 'float32', shape, data: pseudoImage(shape) } });
  if (!y) throw new Error('no output');
  return y;
}

const largestError = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? Number.NaN))), 0);

const meanError = (a: Float32Array, b: Float32Array) =>
  a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] ?? Number.NaN)), 0) / a.length;

describe('an ONNX export', () => {
  let golden: Awaited<ReturnType<typeof expected>>;
  beforeAll(async () => {
    golden = await expected([2, 3, 64, 96]);
  });

  test.each([12, 13, 17, 18, 21])('of opset %i gives the detector’s predictions', async (opset) => {
    const { data, dims } = await run(
      writeOnnx(detector, { imgsz: [64, 96], batchSize: 2, opset }),
      [2, 3, 64, 96],
    );
    expect(dims).toEqual([2, 378, 7]);
    expect(largestError(data, golden.data)).toBeLessThan(1e-3);
  });

  test.each([12, 21])('with dynamic sizes takes any number and size, in opset %i', async (opset) => {
    const bytes = writeOnnx(detector, { dynamic: true, opset });
    expect(largestError((await run(bytes, [2, 3, 64, 96])).data, golden.data)).toBeLessThan(1e-3);
    const other = await expected([1, 3, 128, 64]);
    expect(largestError((await run(bytes, [1, 3, 128, 64])).data, other.data)).toBeLessThan(1e-3);
  });

  test('says what YOLOv5’s says: names, stride, images and output0, and only standard ops', () => {
    const graph = new OnnxGraph(writeOnnx(detector, { imgsz: 64 }));
    expect(graph.metadata).toEqual({ stride: '32', names: `{0: 'cat', 1: "crow's nest"}` });
    expect(graph.inputs.map(({ name }) => name)).toEqual(['images']);
    expect(graph.outputs.map(({ name }) => name)).toEqual(['output0']);
    expect(graph.opset).toBe(12);
    expect(graph.nodes.every(({ domain }) => !domain)).toBe(true);
  });

  test('in half precision is half as large', () => {
    const [half, full] = [true, false].map((half) => writeOnnx(detector, { imgsz: 64, half }).length);
    expect(half).toBeLessThan(0.75 * Number(full));
  });

  test.each<[string, OnnxOptions]>([
    ['an opset that is too old', { opset: 11 }],
    ['a size that the stride does not divide', { imgsz: 100 }],
  ])('refuses %s', (_, options) => {
    expect(() => writeOnnx(detector, options)).toThrow(/choose one from|not a multiple/);
  });
});

describe('NMS in the graph', () => {
  const options = { confThres: 0.0005, iouThres: 0.3, topkAll: 20 };
  test.each([false, true])('keeps what NMS outside of it keeps (agnostic: %s)', async (agnostic) => {
    const nms = { ...options, agnostic, topkPerClass: 1000 };
    const shape = [2, 3, 64, 96] as const;
    const { data, dims } = await run(writeOnnx(detector, { imgsz: [64, 96], batchSize: 2, nms }), shape);
    expect(dims).toEqual([2, 20, 6]);
    const golden = await expected(shape);
    const kept = nonMaxSuppression(golden, COLUMNS, { ...nms, maxDet: 20 });
    kept.forEach((rows, image) => {
      const found = data.subarray(image * 120, image * 120 + rows.length);
      expect(rows.length).toBeGreaterThan(6);
      expect(largestError(rows, found)).toBeLessThan(1e-2);
      expect(data.subarray(image * 120 + rows.length, (image + 1) * 120).every((value) => value === 0)).toBe(
        true,
      );
    });
  });

  test('gives zeros where nothing is found, and as many rows as asked for where there are fewer boxes', async () => {
    const nms = { confThres: 0.999, topkAll: 1000 };
    const { data, dims } = await run(writeOnnx(detector, { imgsz: 64, nms }), [1, 3, 64, 64]);
    expect(dims).toEqual([1, 1000, 6]);
    expect(data.every((value) => value === 0)).toBe(true);
  });
});

describe('8-bit quantization', () => {
  const shape = [1, 3, 64, 64] as const;
  const images = () => [{ data: pseudoImage(shape), shape }];

  test('keeps the predictions close', async () => {
    const float = writeOnnx(detector, { imgsz: 64 });
    const bytes = await quantizeOnnx(float, { executor, images: images() });
    const [a, b] = [await run(float, shape), await run(bytes, shape)];
    expect(b.dims).toEqual(a.dims);
    const graph = new OnnxGraph(bytes);
    expect(graph.metadata).toEqual(new OnnxGraph(float).metadata);
    const convolutions = graph.nodes.filter(({ opType }) => opType === 'Conv');
    const makers = new Map(
      graph.nodes.flatMap((node) => (node.output ?? []).map((name) => [name, node.opType])),
    );
    const [first, ...others] = convolutions;
    expect(makers.get(String(first?.input?.[0]))).toBeUndefined();
    for (const { input } of others.slice(0, -3))
      expect(input?.map((name) => makers.get(name))).toEqual(input?.map(() => 'DequantizeLinear'));
    for (const { input } of others.slice(-3))
      expect(input?.map((name) => makers.get(name))).toEqual(['Mul', 'DequantizeLinear', undefined]);
    // Layers of one to eight channels average out little: trained networks come closer.
    expect(meanError(a.data, b.data) / meanError(a.data, new Float32Array(a.data.length))).toBeLessThan(0.1);
  });

  test('needs images, and an executor that runs ONNX', async () => {
    const float = writeOnnx(detector, { imgsz: 64 });
    await expect(quantizeOnnx(float, { executor, images: [] })).rejects.toThrow('got none');
    const { openOnnx, ...other } = executor;
    await expect(quantizeOnnx(float, { executor: other, images: images() })).rejects.toThrow(
      'onnxruntime device',
    );
  });
});

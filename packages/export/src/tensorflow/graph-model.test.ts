import { nonMaxSuppression } from '@froyolo/boxes';
import { createOnnxExecutor } from '@froyolo/core/onnx';
import { createTfjsExecutor } from '@froyolo/core/tfjs';
import { buildInferenceGraph, type Detector } from '@froyolo/yolo';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import ort from 'onnxruntime-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { tinyDetector } from '../testing/tiny-detector.js';
import { type GraphModelFile, type GraphModelOptions, writeGraphModel } from './graph-model.js';
import { readGraphModelDetector } from './read-graph-model.js';

const SHAPE = [2, 3, 64, 96] as const;
const OPTIONS: GraphModelOptions = { imgsz: [64, 96], batchSize: 2 };
const detector = tinyDetector(['cat', "crow's nest"]);
const executor = createOnnxExecutor(ort);
/** Without repetitions, so that no two boxes have the same confidence. */
const bytes = noise(SHAPE.reduce((a, b) => a * b, 1));
const images = { images: { dtype: 'uint8', shape: SHAPE, data: bytes } } as const;

function noise(count: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

const floats = {
  dtype: 'float32',
  shape: SHAPE,
  data: Float32Array.from(bytes, (byte) => byte / 255),
} as const;

async function open({ network }: Detector) {
  if (!network) throw new Error('it runs no network of another runtime');
  return network.open(createTfjsExecutor(tf));
}

const json = (files: readonly GraphModelFile[]) =>
  new TextDecoder().decode(files.find(({ name }) => name === 'model.json')?.bytes);

const shard = (files: readonly GraphModelFile[]) => async (wanted: string) => {
  const file = files.find(({ name }) => name === wanted);
  if (!file) throw new Error(`no ${wanted}`);
  return file.bytes;
};

/** Loads the files as a page loads them from an address. */
function load(files: readonly GraphModelFile[]): Promise<tf.GraphModel> {
  const model = JSON.parse(json(files));
  return tf.loadGraphModel('https://example.org/web_model/model.json', {
    fetchFunc: async (input: RequestInfo | URL) => {
      const name = String(input).split('/').at(-1) ?? '';
      if (name === 'model.json') return Response.json(model);
      return new Response((await shard(files)(name)).slice().buffer);
    },
  });
}

/** The images as TensorFlow.js takes them: `[N, H, W, 3]` in 0..1. */
const input = () => tf.tidy(() => tf.tensor4d(floats.data, [...SHAPE]).transpose([0, 2, 3, 1]));

const largestError = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? Number.NaN))), 0);

async function predictions() {
  const program = await executor.compile(buildInferenceGraph(detector, [64, 96]));
  const { predictions } = await program.run(images);
  if (!predictions) throw new Error('no predictions');
  return predictions;
}

describe.each(['cpu', 'wasm'])('a TensorFlow.js graph model on %s', (backend) => {
  let golden: Awaited<ReturnType<typeof predictions>>;
  beforeAll(async () => {
    golden = await predictions();
    await tf.setBackend(backend);
    await tf.ready();
  });

  test('has the detections of its predictions, as YOLOv5’s exports give them', async () => {
    const nms = { confThres: 0.0005, iouThres: 0.3, topkAll: 20 };
    const model = await load(await writeGraphModel(detector, { ...OPTIONS, nms }));
    expect(model.inputs.map(({ name, shape }) => [name, shape])).toEqual([['x', [2, 64, 96, 3]]]);
    const x = input();
    const results = (await model.executeAsync(x)) as tf.Tensor[];
    expect(results.map(({ shape }) => shape)).toEqual([[2, 20, 4], [2, 20], [2, 20], [2]]);
    const [corners = [], scores = [], classes = [], counts = []] = results.map((one) => one.dataSync());
    // What a fresh network says of its boxes differs by less than rounding: only its own predictions tell their order.
    const predictions = model.execute(x, 'predictions') as tf.Tensor;
    const before = {
      dtype: 'float32',
      shape: predictions.shape,
      data: Float32Array.from(predictions.dataSync()),
    } as const;
    const kept = nonMaxSuppression(
      before,
      { objectness: 4, classes: 5 },
      { ...nms, agnostic: true, maxDet: 20 },
    );
    kept.forEach((rows, image) => {
      const count = rows.length / 6;
      expect(count).toBeGreaterThan(1);
      expect(counts[image]).toBe(count);
      const found = Array.from({ length: count }, (_, i) => {
        const at = image * 20 + i;
        const box = [0, 1, 2, 3].map((j) => Number(corners[at * 4 + j]));
        return [...box, Number(scores[at]), Number(classes[at])];
      });
      expect(largestError(rows, found.flat())).toBeLessThan(1e-5);
      for (let i = count; i < 20; i++) expect(scores[image * 20 + i]).toBe(-1);
    });
    tf.dispose([x, predictions, ...results]);
    model.dispose();
  });

  test('comes back as a detector with the same predictions', async () => {
    const files = await writeGraphModel(detector, OPTIONS);
    const read = await readGraphModelDetector(json(files), shard(files));
    expect(read.names).toEqual(detector.names);
    expect(read.network).toMatchObject({ batchSize: 2, size: [64, 96] });
    const network = await open(read);
    await network.run(floats);
    const before = tf.memory().numTensors;
    const found = await network.run(floats);
    expect(tf.memory().numTensors).toBe(before);
    expect(found.shape).toEqual(golden.shape);
    expect(largestError(found.data, golden.data)).toBeLessThan(1e-3);
    await network.dispose();
    await expect(read.network?.open(executor)).rejects.toThrow('--device tfjs-wasm');
  });
});

describe('the files', () => {
  test('weights are smaller in half precision and in 8 bits, and close', async () => {
    await tf.setBackend('cpu');
    const golden = await predictions();
    const sizes = new Map<string, number>();
    for (const [name, more, close] of [
      ['float', {}, 1e-3],
      ['half', { half: true }, 0.05],
      ['int8', { int8: true }, 5],
    ] as const) {
      const files = await writeGraphModel(detector, { ...OPTIONS, ...more });
      sizes.set(
        name,
        files.reduce((sum, file) => sum + (file.name.endsWith('.bin') ? file.bytes.length : 0), 0),
      );
      const read = await readGraphModelDetector(json(files), shard(files));
      const network = await open(read);
      const found = await network.run(floats);
      expect(largestError(found.data, golden.data), name).toBeLessThan(close);
      await network.dispose();
    }
    const [float = 0, half = 0, int8 = 0] = [...sizes.values()];
    expect(half / float).toBeLessThan(0.7);
    expect(int8).toBeLessThan(half);
  });

  test('hold each weight once', async () => {
    const weights = [...detector.tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
    const files = await writeGraphModel(detector, OPTIONS);
    const bytes = files
      .filter(({ name }) => name.endsWith('.bin'))
      .reduce((sum, file) => sum + file.bytes.length, 0);
    // Beside them, where each cell of the image lies.
    const cells = 3 * ((64 * 96) / 8 ** 2 + (64 * 96) / 16 ** 2 + (64 * 96) / 32 ** 2);
    expect(bytes).toBeLessThan(4 * (weights + 8 * cells));
  });

  test('a batch of any size is refused', async () => {
    await expect(writeGraphModel(detector, { dynamic: true })).rejects.toThrow('leave out --dynamic');
  });

  test.each([
    ['no JSON', '{', 'is no JSON'],
    ['another model', '{"format":"layers-model"}', 'has no valid format'],
    ['a shard outside of the folder', undefined, 'paths'],
  ])('%s is refused', async (_, text, message) => {
    const files = await writeGraphModel(detector, OPTIONS);
    const model = JSON.parse(json(files));
    model.weightsManifest[0].paths = ['../../x'];
    const read = readGraphModelDetector(text ?? JSON.stringify(model), shard(files));
    await expect(read).rejects.toThrow(message);
  });
});

/** SavedModel and frozen graph in TensorFlow for Python: the predictions, and suppression by its own ops. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { nonMaxSuppression } from '@froyolo/boxes';
import { createOnnxExecutor } from '@froyolo/core/onnx';
import { exportModel } from '@froyolo/export';
import { loadCheckpoint } from '@froyolo/weights';
import { buildInferenceGraph, detectorFromCheckpoint } from '@froyolo/yolo';
import ort from 'onnxruntime-node';
import { afterAll, describe, expect, test } from 'vitest';
import { hasTensorflow, python, WEIGHTS, why } from './peers.js';

const [N, HEIGHT, WIDTH] = [2, 128, 192];
const SCRIPT = join(import.meta.dirname, 'tensorflow_outputs.py');

describe.skipIf(!hasTensorflow)(`exports of yolov5n in TensorFlow (${why})`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'froyolo-tensorflow-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const checkpoint = hasTensorflow ? loadCheckpoint(readFileSync(WEIGHTS)) : undefined;

  const bytes = Uint8Array.from({ length: N * 3 * HEIGHT * WIDTH }, (_, i) => {
    const [x, y] = [i % WIDTH, Math.floor(i / WIDTH) % HEIGHT];
    return (x * 3 + y * 5 + (Math.hypot(x - 96, y - 64) < 40 ? 120 : 0)) % 256;
  });

  /** Values of our own executor. */
  async function expected() {
    if (!checkpoint) throw new Error('no weights');
    const graph = buildInferenceGraph(detectorFromCheckpoint(checkpoint), [HEIGHT, WIDTH]);
    const program = await createOnnxExecutor(ort).compile(graph);
    const shape = [N, 3, HEIGHT, WIDTH];
    const { predictions } = await program.run({ images: { dtype: 'uint8', shape, data: bytes } });
    if (!predictions) throw new Error('no predictions');
    return predictions;
  }

  /** Outputs of an export in Python. */
  async function outputs(format: 'saved_model' | 'pb', nms?: object): Promise<Float32Array[]> {
    if (!checkpoint) throw new Error('no weights');
    const options = { include: [format], imgsz: [HEIGHT, WIDTH], batchSize: N } as const;
    const [file] = await exportModel(checkpoint, { ...options, ...(nms ? { nms } : {}) });
    if (!file) throw new Error('no file');
    const path = join(folder, file.path);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, file.bytes);
    const floats = new Float32Array(N * HEIGHT * WIDTH * 3);
    const pixels = HEIGHT * WIDTH;
    for (let i = 0; i < bytes.length; i++) {
      const [plane, pixel] = [Math.floor(i / pixels), i % pixels];
      floats[(Math.floor(plane / 3) * pixels + pixel) * 3 + (plane % 3)] = Number(bytes[i]) / 255;
    }
    const images = join(folder, 'images.f32');
    writeFileSync(images, new Uint8Array(floats.buffer));
    const prefix = join(folder, 'output');
    const model = format === 'pb' ? path : dirname(path);
    const count = Number(
      python([SCRIPT, model, images, prefix, ...[N, HEIGHT, WIDTH, 3].map(String)], 'tensorflow'),
    );
    return Array.from({ length: count }, (_, i) => {
      const { buffer, byteOffset, byteLength } = readFileSync(`${prefix}${i}`);
      return new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
    });
  }

  test.each(['saved_model', 'pb'] as const)(
    '%s gives the detector’s predictions, boxes as fractions of the image',
    async (format) => {
      const { data, shape } = await expected();
      const [found = new Float32Array(0)] = await outputs(format);
      expect(found.length).toBe(data.length);
      const columns = shape[2] ?? 1;
      const worst = found.reduce((most, value, i) => {
        const column = i % columns;
        const side = column > 3 ? 1 : column % 2 === 0 ? WIDTH : HEIGHT;
        return Math.max(most, Math.abs(value - Number(data[i]) / side));
      }, 0);
      expect(worst).toBeLessThan(1e-4);
    },
    300_000,
  );

  test.each([true, false])(
    'suppression in the graph keeps what ours keeps (agnostic: %s)',
    async (agnostic) => {
      const nms = { confThres: 0.02, iouThres: 0.45, agnostic, topkAll: 50, topkPerClass: 50 };
      const [corners = [], scores = [], classes = [], counts = []] = await outputs('saved_model', nms);
      const kept = nonMaxSuppression(
        await expected(),
        { objectness: 4, classes: 5 },
        {
          ...nms,
          maxDet: 50,
          // TensorFlow's op takes a box for each class that is above the threshold.
          multiLabel: !agnostic,
        },
      );
      kept.forEach((rows, image) => {
        const count = rows.length / 6;
        expect(count).toBeGreaterThan(1);
        expect(counts[image]).toBe(count);
        for (let i = 0; i < count; i++) {
          const [x1 = 0, , , , confidence = 0, cls] = rows.subarray(6 * i, 6 * i + 6);
          const at = image * 50 + i;
          expect(scores[at]).toBeCloseTo(confidence, 4);
          expect(classes[at]).toBe(cls);
          expect(Number(corners[4 * at]) * WIDTH).toBeCloseTo(x1, 1);
        }
      });
    },
    300_000,
  );
});

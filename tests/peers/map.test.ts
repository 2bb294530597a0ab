/**
 * Predictions and figures of YOLOv5's own code on our exports are ours. A fine-tuned checkpoint and its dataset may take the
 * place of yolov5n on some images of coco128: `FROYOLO_PEERS_WEIGHTS`, `FROYOLO_PEERS_DATA`, `FROYOLO_PEERS_IMGSZ`.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Executor } from '@froyolo/core';
import { createOnnxExecutor } from '@froyolo/core/onnx';
import { exportModel } from '@froyolo/export';
import { loadDetector, validateOnFiles } from '@froyolo/run/node';
import { type Checkpoint, float32Tensor, loadCheckpoint, toFloat32 } from '@froyolo/weights';
import { compileInference, type Detector } from '@froyolo/yolo';
import ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasPyTorch, IMAGES, python, someOfCoco128, WEIGHTS, why } from './peers.js';

const [PREDICTIONS, FIGURES] = [1e-4, 0.001];
const { FROYOLO_PEERS_WEIGHTS, FROYOLO_PEERS_DATA, FROYOLO_PEERS_IMGSZ = '640' } = process.env;
const weights = FROYOLO_PEERS_WEIGHTS ?? WEIGHTS;
const imgsz = Number(FROYOLO_PEERS_IMGSZ);

/** mAP50 and mAP50-95, which `val.py` returns, of one file or of the ensemble of several. */
const VALIDATION = `
import json, sys
import val
data, imgsz, *weights = sys.argv[1:]
weights = weights if len(weights) > 1 else weights[0]
(_, _, map50, map95, *_), _, _ = val.run(data, weights, 1, int(imgsz), device='cpu', workers=0, plots=False, half=False)
print(json.dumps([map50, map95]))
`;

/** What the network of a file makes of an image, as raw float32. */
const PREDICTION = `
import sys
import numpy as np, torch
from models.common import DetectMultiBackend
image, output, imgsz, *weights = sys.argv[1:]
x = np.fromfile(image, np.float32).reshape(1, 3, int(imgsz), int(imgsz))
with torch.no_grad():
    y = DetectMultiBackend(weights if len(weights) > 1 else weights[0], device=torch.device('cpu'))(torch.from_numpy(x))
(y[0] if isinstance(y, (list, tuple)) else y).numpy().astype(np.float32).tofile(output)
`;

describe.skipIf(!hasPyTorch)(`our exports in YOLOv5 v7.0 (${why})`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'froyolo-map-'));
  const at = (name: string) => join(folder, name);
  let data = '';
  let executor: Executor;

  beforeAll(async () => {
    executor = createOnnxExecutor(ort);
    const checkpoint = loadCheckpoint(readFileSync(weights));
    data = FROYOLO_PEERS_DATA
      ? withFullPath(FROYOLO_PEERS_DATA)
      : someOfCoco128(at('data'), Math.min(32, readdirSync(IMAGES).length), checkpoint.names ?? []);
    await write(checkpoint, 'pt');
    await write(checkpoint, 'onnx');
    await write(changed(checkpoint), 'pt', 'other');
  });
  afterAll(async () => {
    await executor?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  async function write(checkpoint: Checkpoint, format: string, name = 'ours'): Promise<void> {
    for (const { path, bytes } of await exportModel(checkpoint, { include: [format], name, imgsz }))
      writeFileSync(at(path), bytes);
  }

  /** Paths in a dataset's YAML begin at its folder here, elsewhere there. */
  function withFullPath(file: string): string {
    const [text, own] = [readFileSync(file, 'utf8'), /^path:(.*)$/m];
    const path = resolve(dirname(file), own.exec(text)?.[1]?.trim() ?? '.');
    writeFileSync(at('data.yaml'), `path: ${path}\n${text.replace(own, '')}`);
    return at('data.yaml');
  }

  const pattern = Float32Array.from({ length: 3 * imgsz * imgsz }, (_, i) => {
    const [x, y] = [i % imgsz, Math.floor(i / imgsz) % imgsz];
    return ((x * 3 + y * 5 + (Math.hypot(x - imgsz / 2, y - imgsz / 2) < imgsz / 4 ? 120 : 0)) % 256) / 255;
  });

  function theirPredictions(files: readonly string[]): Float32Array {
    writeFileSync(at('image.f32'), new Uint8Array(pattern.buffer));
    python(['-c', PREDICTION, at('image.f32'), at('output.f32'), String(imgsz), ...files]);
    return new Float32Array(Uint8Array.from(readFileSync(at('output.f32'))).buffer);
  }

  async function ourPredictions(detector: Detector) {
    const program = await compileInference(detector, executor, [imgsz, imgsz], { images: 'float32' });
    const images = { dtype: 'float32', shape: [1, 3, imgsz, imgsz], data: pattern } as const;
    const { predictions } = await program.run({ images });
    await program.dispose();
    return predictions;
  }

  test.each([
    ['the .pt', ['ours.pt']],
    ['the .onnx', ['ours.onnx']],
    ['an ensemble', ['ours.pt', 'other.pt']],
  ])(
    'predictions and mAP of %s are ours',
    async (_, names) => {
      const files = names.map(at);
      const detector = await loadDetector(files);
      const { data: values, shape } = await ourPredictions(detector);
      const theirs = theirPredictions(files);
      expect(theirs).toHaveLength(values.length);
      const columns = shape[2] ?? 1;
      const worst = theirs.reduce((most, value, i) => {
        const side = i % columns < 4 ? imgsz : 1;
        return Math.max(most, Math.abs(value - Number(values[i])) / side);
      }, 0);
      expect(worst).toBeLessThan(PREDICTIONS);

      const ours = await validateOnFiles({ detector, executor, data, imgsz, batchSize: 1, workers: 0 });
      const output = python(['-c', VALIDATION, data, String(imgsz), ...files]);
      const [map50 = 0, map95 = 0] = JSON.parse(output.trim().split('\n').at(-1) ?? '') as number[];
      console.log(names, { worst, theirs: [map50, map95], ours: [ours.mAP50, ours.mAP50_95] });
      expect(ours.mAP50_95).toBeGreaterThan(0);
      expect(Math.abs(ours.mAP50 - map50)).toBeLessThan(FIGURES);
      expect(Math.abs(ours.mAP50_95 - map95)).toBeLessThan(FIGURES);
    },
    600_000,
  );
});

/** Another detector of the same classes: the weights of the first layer a little larger. */
function changed(checkpoint: Checkpoint): Checkpoint {
  const tensors = new Map(checkpoint.tensors);
  const name = 'model.0.conv.weight';
  const first = tensors.get(name);
  if (!first) throw new Error(`no ${name}`);
  const values = toFloat32(first).map((value) => value * 1.05);
  tensors.set(name, float32Tensor(first.shape, values));
  return { ...checkpoint, tensors };
}

/**
 * Exports in the programs that they are for: YOLOv5 v7.0 on PyTorch, onnxruntime and OpenCV in Python.
 * `node scripts/install-peers.mjs FOLDER` installs them; then `FROYOLO_PEERS=FOLDER npx vitest run tests/peers`.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportModel } from '@froyolo/export';
import { loadCheckpoint } from '@froyolo/weights';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasPyTorch, IMAGES, python, someOfCoco128, WEIGHTS, why, yolov5 } from './peers.js';

const TOLERANCE = 1e-4;

describe.skipIf(!hasPyTorch)(`exports of yolov5n in YOLOv5 v7.0, onnxruntime and OpenCV (${why})`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'froyolo-peers-'));
  const at = (name: string) => join(folder, name);
  let data = '';

  beforeAll(async () => {
    const checkpoint = loadCheckpoint(readFileSync(WEIGHTS));
    for (const { path, bytes } of await exportModel(checkpoint, { include: ['pt', 'onnx'], name: 'ours' }))
      writeFileSync(at(path), bytes);
    cpSync(WEIGHTS, at('reference.pt'));
    data = someOfCoco128(at('data'), 8, checkpoint.names ?? []);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('predictions are the original’s', () => {
    const image = join(IMAGES, readdirSync(IMAGES)[0] ?? '');
    const script = join(import.meta.dirname, 'compare.py');
    const output = python([script, yolov5, image, at('reference.pt'), at('ours.pt'), at('ours.onnx')]);
    const found = JSON.parse(output.trim().split('\n').at(-1) ?? '') as Record<string, number | boolean>;
    expect(found).toMatchObject({ pt: 0, names: true, stride: true });
    expect(found.onnxruntime).toBeLessThan(TOLERANCE);
    expect(found.opencv).toBeLessThan(TOLERANCE);
  });

  /** Lines of detections that `val.py` writes, by image. */
  function validate(file: string): Record<string, string> {
    const options = ['--data', data, '--batch-size', '1', '--device', 'cpu', '--workers', '0'];
    const output = ['--save-txt', '--save-conf', '--project', at('val'), '--name', file, '--exist-ok'];
    python(['val.py', '--weights', at(file), ...options, ...output]);
    const labels = join(at('val'), file, 'labels');
    return Object.fromEntries(
      readdirSync(labels).map((name) => [name, readFileSync(join(labels, name), 'utf8')]),
    );
  }

  test('val.py finds the same with the export as with the original, and reads the ONNX file', () => {
    expect(validate('ours.pt')).toEqual(validate('reference.pt'));
    expect(Object.keys(validate('ours.onnx'))).toHaveLength(8);
  }, 900_000);

  test('train.py starts from the export with the losses of the original', () => {
    const losses = ['reference.pt', 'ours.pt'].map((file) => {
      const options = ['--data', data, '--epochs', '1', '--imgsz', '64', '--batch-size', '4'];
      const output = ['--noplots', '--project', at('train'), '--name', file];
      python([
        ...['train.py', '--weights', at(file), '--device', 'cpu', '--workers', '0'],
        ...[...options, ...output],
      ]);
      const [, row = ''] = readFileSync(join(at('train'), file, 'results.csv'), 'utf8').split('\n');
      return row.split(',').slice(1, 4).map(Number);
    });
    expect(losses[1]).toEqual(losses[0]);
  }, 900_000);
});

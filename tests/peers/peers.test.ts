/** Exports in the programs that they are for. `node scripts/install-peers.mjs FOLDER` installs those. */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { exportModel } from '@froyolo/export';
import { loadCheckpoint } from '@froyolo/weights';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const peers = process.env.FROYOLO_PEERS;
const shared = resolve(import.meta.dirname, '../../../shared');
const weights = join(shared, 'weights/yolov5n.pt');
const images = join(shared, 'data/coco128/images/train2017');
const available = peers !== undefined && existsSync(join(peers, 'venv')) && existsSync(images);
const TOLERANCE = 1e-4;

const why = 'skipped without FROYOLO_PEERS (scripts/install-peers.mjs) and ../shared';
describe.skipIf(!available)(`exports of yolov5n in YOLOv5 v7.0, onnxruntime and OpenCV (${why})`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'froyolo-peers-'));
  const yolov5 = join(peers ?? '', 'yolov5');
  const at = (name: string) => join(folder, name);

  const python = (...args: string[]) =>
    execFileSync(join(peers ?? '', 'venv/bin/python'), args, {
      cwd: yolov5,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        // PyTorch 2.6 and later read pickled models only when told to.
        TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD: '1',
        YOLOv5_AUTOINSTALL: 'false',
        YOLOV5_CONFIG_DIR: join(peers ?? '', 'config'),
        OMP_NUM_THREADS: '1',
        WANDB_MODE: 'disabled',
      },
    });

  beforeAll(async () => {
    const checkpoint = loadCheckpoint(readFileSync(weights));
    for (const { path, bytes } of await exportModel(checkpoint, { include: ['pt', 'onnx'], name: 'ours' }))
      writeFileSync(at(path), bytes);
    cpSync(weights, at('reference.pt'));
    const names = checkpoint.names ?? [];
    for (const kind of ['images', 'labels']) mkdirSync(at(`data/${kind}/all`), { recursive: true });
    for (const image of readdirSync(images).slice(0, 8)) {
      cpSync(join(images, image), at(`data/images/all/${image}`));
      const label = image.replace(/\.jpg$/, '.txt');
      const source = join(shared, 'data/coco128/labels/train2017', label);
      if (existsSync(source)) cpSync(source, at(`data/labels/all/${label}`));
    }
    const yaml = { path: at('data'), train: 'images/all', val: 'images/all', names };
    writeFileSync(at('data.yaml'), JSON.stringify(yaml));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('predictions are the original’s', () => {
    const image = join(images, readdirSync(images)[0] ?? '');
    const script = join(import.meta.dirname, 'compare.py');
    const output = python(script, yolov5, image, at('reference.pt'), at('ours.pt'), at('ours.onnx'));
    const found = JSON.parse(output.trim().split('\n').at(-1) ?? '') as Record<string, number | boolean>;
    expect(found).toMatchObject({ pt: 0, names: true, stride: true });
    expect(found.onnxruntime).toBeLessThan(TOLERANCE);
    expect(found.opencv).toBeLessThan(TOLERANCE);
  });

  /** Lines of detections that `val.py` writes, by image. */
  function validate(file: string): Record<string, string> {
    const options = ['--data', at('data.yaml'), '--batch-size', '1', '--device', 'cpu', '--workers', '0'];
    const output = ['--save-txt', '--save-conf', '--project', at('val'), '--name', file, '--exist-ok'];
    python('val.py', '--weights', at(file), ...options, ...output);
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
      const options = ['--data', at('data.yaml'), '--epochs', '1', '--imgsz', '64', '--batch-size', '4'];
      const output = [
        '--device',
        'cpu',
        '--workers',
        '0',
        '--noplots',
        '--project',
        at('train'),
        '--name',
        file,
      ];
      python('train.py', '--weights', at(file), ...options, ...output);
      const [, row = ''] = readFileSync(join(at('train'), file, 'results.csv'), 'utf8').split('\n');
      return row.split(',').slice(1, 4).map(Number);
    });
    expect(losses[1]).toEqual(losses[0]);
  }, 900_000);
});

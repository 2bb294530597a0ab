/** Programs of others that exports are compared with, where `scripts/install-peers.mjs` put them. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedPath } from '@froyolo/testing';

const peers = process.env.FROYOLO_PEERS;
const root = peers ?? '';

export const WEIGHTS = sharedPath('weights/yolov5n.pt');
export const IMAGES = sharedPath('data/coco128/images/train2017');
const LABELS = sharedPath('data/coco128/labels/train2017');

export const yolov5 = join(root, 'yolov5');
/** Whether YOLOv5 and what it runs on are there. */
export const hasPyTorch = peers !== undefined && existsSync(join(root, 'venv')) && existsSync(IMAGES);
export const hasTensorflow =
  peers !== undefined && existsSync(join(root, 'tensorflow')) && existsSync(IMAGES);
export const why = 'skipped without FROYOLO_PEERS (scripts/install-peers.mjs) and ../shared';

/** Runs Python with YOLOv5's packages, or TensorFlow's, in YOLOv5's folder, and returns what it prints. */
export function python(args: readonly string[], environment: 'venv' | 'tensorflow' = 'venv'): string {
  return execFileSync(join(root, environment, 'bin/python'), args, {
    cwd: yolov5,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      // PyTorch 2.6 and later read pickled models only when told to.
      TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD: '1',
      YOLOv5_AUTOINSTALL: 'false',
      YOLOV5_CONFIG_DIR: join(root, 'config'),
      OMP_NUM_THREADS: '1',
      WANDB_MODE: 'disabled',
      GIT_PYTHON_REFRESH: 'quiet',
      TF_CPP_MIN_LOG_LEVEL: '2',
    },
  });
}

/**
 * Copies the first images of coco128, all of them for training and for validation.
 * @returns the dataset's YAML
 */
export function someOfCoco128(folder: string, count: number, names: readonly string[]): string {
  for (const kind of ['images', 'labels']) mkdirSync(join(folder, kind, 'all'), { recursive: true });
  for (const image of readdirSync(IMAGES).slice(0, count)) {
    cpSync(join(IMAGES, image), join(folder, 'images/all', image));
    const label = image.replace(/\.jpg$/, '.txt');
    if (existsSync(join(LABELS, label))) cpSync(join(LABELS, label), join(folder, 'labels/all', label));
  }
  const yaml = { path: folder, train: 'images/all', val: 'images/all', names };
  const file = join(folder, 'data.yaml');
  writeFileSync(file, JSON.stringify(yaml));
  return file;
}

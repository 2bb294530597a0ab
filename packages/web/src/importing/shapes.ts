/** The demo's model and images: small files of the project's own, and images rendered on the spot. */

import type { SourceFile } from '@froyolo/data/browser';
import { createRandom, DEMO_CLASSES, drawScene, type Scene } from '@froyolo/shapes';
import checkpointUrl from '@froyolo/shapes/embedded/shapes.safetensors?url';
import { PageError } from '../errors/page-error.js';
import type { OnProgress } from './api.js';

const IMGSZ = 160;
const COUNTS = { train: 160, val: 40 };
const SEED = 1;

export async function shapesCheckpoint(): Promise<Blob> {
  const response = await fetch(checkpointUrl);
  if (!response.ok) throw new PageError('PAGE_DEMO_MISSING', `HTTP ${response.status}`);
  return response.blob();
}

/** Renders the demo's dataset in YOLO's layout. */
export async function renderShapes(onProgress: OnProgress): Promise<SourceFile[]> {
  const files: SourceFile[] = [{ path: 'data.yaml', blob: new Blob([dataYaml()]) }];
  const total = COUNTS.train + COUNTS.val;
  for (const [splitIndex, split] of (['train', 'val'] as const).entries()) {
    for (let i = 0; i < COUNTS[split]; i++) {
      const scene = drawScene(createRandom(SEED, splitIndex, i), DEMO_CLASSES, IMGSZ);
      const name = `${split}-${String(i).padStart(5, '0')}`;
      files.push({ path: `images/${split}/${name}.png`, blob: await encode(scene) });
      files.push({ path: `labels/${split}/${name}.txt`, blob: new Blob([labelsOf(scene)]) });
      onProgress(splitIndex * COUNTS.train + i + 1, total);
    }
  }
  return files;
}

function dataYaml(): string {
  return `train: images/train\nval: images/val\nnames: [${DEMO_CLASSES.join(', ')}]\n`;
}

function labelsOf({ objects, imgsz }: Scene): string {
  return objects
    .map(({ classIndex, box: [x1, y1, x2, y2] }) =>
      [
        classIndex,
        ...[(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1].map((v) => (v / imgsz).toFixed(6)),
      ].join(' '),
    )
    .join('\n');
}

async function encode({ pixels, imgsz }: Scene): Promise<Blob> {
  const rgba = new Uint8ClampedArray(imgsz * imgsz * 4).fill(255);
  for (let i = 0; i < imgsz * imgsz; i++) for (let c = 0; c < 3; c++) rgba[i * 4 + c] = pixels[i * 3 + c];
  const canvas = new OffscreenCanvas(imgsz, imgsz);
  const context = canvas.getContext('2d');
  if (!context) throw new PageError('PAGE_NO_CANVAS');
  context.putImageData(new ImageData(rgba, imgsz, imgsz), 0, 0);
  return canvas.convertToBlob({ type: 'image/png' });
}

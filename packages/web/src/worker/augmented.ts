/** Augmented versions of some pictures, to be looked at. */
import type { Batch } from '@froyolo/data';
import { type BrowserDataset, createTrainLoader } from '@froyolo/data/browser';
import { PageError } from '../errors/page-error.js';
import type { Box, TrainingChoice } from '../library/types.js';
import type { AugmentedPicture } from './api.js';
import { createLoaderWorker } from './loading.js';
import { recipeOf } from './recipes.js';

const SHOWN = 4;
/** Largest size: larger pictures take longer and are shown no larger. */
const MOST_PIXELS = 320;
const STRIDE = 32;
/** Values of a target: image, class, center, size. */
const TARGET = 6;

/** @param draw which pictures, and which of their variants: the same number gives the same ones */
export async function augmentedPictures(
  dataset: BrowserDataset,
  choice: TrainingChoice,
  draw: number,
): Promise<AugmentedPicture[]> {
  const loader = createTrainLoader(dataset, {
    hyp: recipeOf(choice),
    imgsz: STRIDE * Math.ceil(Math.min(choice.imgsz, MOST_PIXELS) / STRIDE),
    seed: choice.seed,
    batchSize: SHOWN,
    workers: { count: 1, create: createLoaderWorker },
  });
  try {
    for await (const batch of loader.load(loader.plan(draw).slice(0, 1))) return await picturesOf(batch);
    return [];
  } finally {
    loader.close();
  }
}

function picturesOf(batch: Batch): Promise<AugmentedPicture[]> {
  const [count, , height, width] = batch.shape;
  return Promise.all(
    Array.from({ length: count }, async (_, i) => ({
      file: await fileOf(batch, i),
      width,
      height,
      boxes: boxesOf(batch, i),
    })),
  );
}

async function fileOf({ images, shape: [, , height, width] }: Batch, i: number): Promise<Blob> {
  const area = height * width;
  const rgba = new Uint8ClampedArray(4 * area).fill(255);
  for (let channel = 0; channel < 3; channel++) {
    const from = (3 * i + channel) * area;
    for (let at = 0; at < area; at++) rgba[4 * at + channel] = images[from + at];
  }
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (!context) throw new PageError('PAGE_NO_CANVAS');
  context.putImageData(new ImageData(rgba, width, height), 0, 0);
  return canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 });
}

function boxesOf({ targets, shape: [, , height, width] }: Batch, picture: number): Box[] {
  const boxes: Box[] = [];
  for (let at = 0; at < targets.length; at += TARGET) {
    const [image, classId = 0, cx = 0, cy = 0, w = 0, h = 0] = targets.subarray(at, at + TARGET);
    if (image !== picture) continue;
    const [left, top] = [(cx - w / 2) * width, (cy - h / 2) * height];
    boxes.push({ classId, box: [left, top, left + w * width, top + h * height] });
  }
  return boxes;
}

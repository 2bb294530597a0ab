/** The toy images as a dataset in files. */
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Batch, RgbImage } from '@froyolo/data';
import { saveImage } from '@froyolo/data/node';
import { TOY_ARCHITECTURE, TOY_IMGSZ, TOY_NAMES, toySource } from '@froyolo/yolo/testing';

export interface ToyDataset {
  /** A new temporary folder that holds all of it. */
  readonly root: string;
  readonly data: string;
  readonly cfg: string;
}

/** Writes images and labels, a dataset YAML and the toy architecture (or another one). */
export async function writeToyDataset(
  count: { train: number; val: number },
  architecture = TOY_ARCHITECTURE,
): Promise<ToyDataset> {
  const root = await mkdtemp(join(tmpdir(), 'froyolo-toy-'));
  for (const [split, seed] of [
    ['train', 1],
    ['val', 2],
  ] as const) {
    for (const kind of ['images', 'labels']) await mkdir(join(root, kind, split), { recursive: true });
    for await (const batch of toySource(count[split], count[split], seed).epoch(0))
      await writeImages(root, split, batch);
  }
  const data = join(root, 'data.yaml');
  await writeFile(data, `path: .\ntrain: images/train\nval: images/val\nnames: [${TOY_NAMES}]\n`);
  const cfg = join(root, 'toy.yaml');
  await writeFile(cfg, architecture);
  return { root, data, cfg };
}

/** Settings of a run on a toy dataset from fresh weights. */
export const toyRun = ({ root, data, cfg }: ToyDataset) => ({
  weights: '',
  cfg,
  data,
  batchSize: 4,
  imgsz: TOY_IMGSZ,
  workers: 0,
  threads: 1,
  project: join(root, 'runs'),
});

async function writeImages(root: string, split: string, { images, targets, shape }: Batch): Promise<void> {
  for (let n = 0; n < shape[0]; n++) {
    await saveImage(imageOf(images, n), join(root, 'images', split, `${n}.png`));
    const rows = Array.from({ length: targets.length / 6 }, (_, r) => [
      ...targets.subarray(r * 6, r * 6 + 6),
    ]);
    const own = rows.filter(([image]) => image === n).map((row) => row.slice(1).join(' '));
    await writeFile(join(root, 'labels', split, `${n}.txt`), `${own.join('\n')}\n`);
  }
}

/** Image `n` of a batch of planes, its channels interleaved. */
function imageOf(images: Uint8Array, n: number): RgbImage {
  const area = TOY_IMGSZ ** 2;
  const planes = images.subarray(n * 3 * area, (n + 1) * 3 * area);
  const data = planes.map((_, i) => planes[(i % 3) * area + Math.floor(i / 3)]);
  return { width: TOY_IMGSZ, height: TOY_IMGSZ, data };
}

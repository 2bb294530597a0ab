/** Batches of a dataset: which images each one holds, and how they are made ahead of the step that uses them. */

import { QUAD, quadBatch } from './augment/quad.js';
import { type Batch, collate, type Sample } from './batch.js';
import type { DatasetImage } from './dataset.js';
import { multiScaleSizes, scaledShape } from './multi-scale.js';
import { chunk, planRect } from './rect.js';
import { Rng } from './rng.js';
import type { SampleTask } from './sampler.js';
import { drawWeighted } from './weighted-order.js';

/** Something that makes samples. */
export interface SamplePool {
  run(task: SampleTask): Promise<Sample>;
}

/** The samples of each batch of an epoch. */
export type EpochPlan = (epoch: number) => SampleTask[][];

interface PlanOptions {
  readonly imgsz: number;
  readonly batchSize: number;
  readonly stride: number;
  readonly rect: boolean;
}

/** How often images are drawn in an epoch; undefined if each comes once. */
export type WeightsOf = (epoch: number) => readonly number[] | undefined;

/** Images drawn for the mosaics of a sample: up to eight, the one to mix in, and up to eight for that one. */
const COMPANIONS = 17;

/** Shuffled batches for training; the same seed gives the same ones. */
export function trainPlan(
  images: readonly DatasetImage[],
  options: PlanOptions & {
    readonly seed: number;
    readonly variants?: number;
    readonly multiScale?: boolean;
    readonly weightsOf?: WeightsOf | undefined;
  },
): EpochPlan {
  const { imgsz, batchSize, stride, seed, variants } = options;
  const plan = options.rect ? planRect(images, { ...options, pad: 0 }) : undefined;
  const indices = images.map((_, index) => index);
  const sizes = options.multiScale ? multiScaleSizes(imgsz, stride) : [];
  return (epoch) => {
    const sizeRng = new Rng(seed, epoch, -2);
    const variant = variants === undefined ? epoch : epoch % variants;
    const weights = options.weightsOf?.(epoch);
    const rng = new Rng(seed, epoch, -1);
    const drawn = weights ? drawWeighted(weights, rng) : undefined;
    const batches = plan?.batches ?? chunk(drawn ?? rng.shuffle([...indices]), batchSize);
    return batches.map((batch, i) => {
      const shape = plan?.shapes[i];
      const size = sizes[sizeRng.integer(Math.max(sizes.length, 1))];
      const scaled = size ? { resizeTo: scaledShape(shape ?? [imgsz, imgsz], size, stride) } : {};
      return batch.map((index) => ({
        ...taskOf(index, variant, shape),
        ...scaled,
        ...(drawn
          ? { companions: Array.from({ length: COMPANIONS }, () => drawn[rng.integer(drawn.length)] ?? 0) }
          : {}),
      }));
    });
  };
}

/** Batches for validation: each image once, in the same order every time. */
export function valPlan(
  images: readonly DatasetImage[],
  options: PlanOptions & { readonly pad: number },
): EpochPlan {
  const plan = options.rect ? planRect(images, options) : undefined;
  const batches = plan?.batches ?? chunk([...images.keys()], options.batchSize);
  return () => batches.map((batch, i) => batch.map((index) => taskOf(index, 0, plan?.shapes[i])));
}

function taskOf(index: number, variant: number, shape: [number, number] | undefined): SampleTask {
  return shape ? { index, variant, shape } : { index, variant };
}

/**
 * Makes batches in the background, `prefetch` of them besides the one in use.
 * @param onWarning is called with what the samples of a batch have to say
 */
export async function* makeBatches(
  pool: SamplePool,
  batches: readonly (readonly SampleTask[])[],
  prefetch: number,
  onWarning: (warning: string) => void,
): AsyncGenerator<Batch, void, undefined> {
  const ahead: Promise<Batch>[] = [];
  let next = 0;
  const fill = (count: number) => {
    for (; ahead.length < count; next++) {
      const tasks = batches[next];
      if (!tasks) return;
      ahead.push(makeBatch(pool, tasks, onWarning));
    }
  };
  for (;;) {
    fill(prefetch + 1);
    const batch = ahead.shift();
    if (!batch) return;
    const ready = await batch;
    fill(prefetch);
    yield ready;
  }
}

function makeBatch(
  pool: SamplePool,
  tasks: readonly SampleTask[],
  onWarning: (warning: string) => void,
): Promise<Batch> {
  const batch = Promise.all(tasks.map((one) => pool.run(one))).then((samples) => {
    for (const { warnings = [] } of samples) warnings.forEach(onWarning);
    return collate(samples);
  });
  // A batch that fails before anyone waits for it is not an unhandled rejection: the error shows where it is awaited.
  batch.catch(() => {});
  return batch;
}

/** Joins the images of each batch in fours; the same seed joins them alike. */
export async function* inQuads(
  batches: AsyncIterable<Batch>,
  seed: number,
  epoch: number,
): AsyncGenerator<Batch, void, undefined> {
  const rng = new Rng(seed, epoch, -QUAD);
  for await (const batch of batches) yield quadBatch(batch, rng);
}

/** Passes each warning on once, and keeps it. */
export class WarningRecord {
  readonly all: string[];
  readonly #tell: (warning: string) => void;

  constructor(first: readonly string[], tell: (warning: string) => void = () => {}) {
    this.all = [...first];
    this.#tell = tell;
  }

  readonly add = (warning: string): void => {
    if (this.all.includes(warning)) return;
    this.all.push(warning);
    this.#tell(warning);
  };
}

import { availableParallelism, freemem } from 'node:os';
import { dirname, join } from 'node:path';
import { type Batch, collate } from '../batch.js';
import { type Hyperparameters, hypPresets } from '../hyp.js';
import { multiScaleSizes, scaledShape } from '../multi-scale.js';
import { chunk, planRect } from '../rect.js';
import { Rng } from '../rng.js';
import { writeAtomic } from './atomic.js';
import type { Dataset } from './dataset.js';
import { reasonOf } from './files.js';
import { createRamCache, type ImageCache } from './image-cache.js';
import { createPool, LoaderError, type SamplePool } from './pool.js';
import type { SampleTask } from './sampler.js';

const SMALL_CACHE_BYTES = 256 * 2 ** 20;

/** Options of both loaders. */
interface LoaderOptions {
  /** Long side of the images in pixels. Default 640. */
  imgsz?: number;
  /** Images a batch. Default 16. */
  batchSize?: number;
  /** Threads that decode and augment; 0 does it on the calling thread. Default one less than there are cores, 1 to 8. */
  workers?: number;
  /**
   * Keep decoded, resized images in memory (as many as fit) or on disk. By default only the first 256 MiB of them are
   * kept in memory: a mosaic needs four images for each one it makes.
   */
  cache?: 'ram' | 'disk' | undefined;
  /** Where `cache: 'disk'` writes. Default `.froyolo-images` beside the first image's folder. */
  cacheDir?: string;
  /** Batches made ahead of the one in use. Default 2. */
  prefetch?: number;
  /** Shapes are multiples of this. Default 32. */
  stride?: number;
}

/** Options of {@link createTrainLoader}. */
export interface TrainLoaderOptions extends LoaderOptions {
  /** Default the preset scratch-low. */
  hyp?: Hyperparameters;
  /** Same seed, same batches. Default 0. */
  seed?: number;
  /** Mosaic, warp, color and flips. Default true; without it images are only letterboxed. */
  augment?: boolean;
  /** Batches of similar aspect ratios in their smallest shape; no mosaic and no shuffling. Default false. */
  rect?: boolean;
  /** Draw only this many augmentations per image and repeat them, so that features can be cached. Default a new one each epoch. */
  variants?: number;
  /** Each batch has one of a few sizes from half to one and a half times `imgsz`. Default false. */
  multiScale?: boolean;
}

/** Options of {@link createValLoader}. */
export interface ValLoaderOptions extends LoaderOptions {
  /** Batches of similar aspect ratios in their smallest shape. Default true. */
  rect?: boolean;
  /** Padding added to rectangular shapes, in strides. Default 0.5. */
  pad?: number;
}

/** Batches of a dataset. */
export interface Loader {
  /** Batches in an epoch; the last may be smaller. */
  readonly length: number;
  /** What couldn't be done as asked, e.g. a cache that doesn't fit. */
  readonly warnings: readonly string[];
  /** The batches of epoch `n` (from 0), made ahead in the background. Breaking off early is fine. */
  epoch(n: number): AsyncGenerator<Batch, void, undefined>;
  /** Stops the workers. */
  close(): Promise<void>;
}

/** Batches for training, and those that someone else puts together. */
export interface TrainLoader extends Loader {
  /** The samples of each batch of epoch `n`. */
  plan(n: number): SampleTask[][];
  /** Makes a batch of each list of samples, in their order, ahead in the background. */
  load(batches: readonly (readonly SampleTask[])[]): AsyncGenerator<Batch, void, undefined>;
}

/** Shuffled, augmented batches for training. The same seed gives identical batches whatever the worker count. */
export async function createTrainLoader(
  dataset: Dataset,
  options: TrainLoaderOptions = {},
): Promise<TrainLoader> {
  const { seed = 0, augment = true, rect = false, hyp = hypPresets['scratch-low'], variants } = options;
  const { multiScale = false } = options;
  const common = withDefaults(options);
  const train = { hyp, seed, augment };
  const plan = rect ? planRect(dataset.images, { ...common, pad: 0 }) : undefined;
  const indices = dataset.images.map((_, index) => index);
  const { imgsz, stride } = common;
  const sizes = multiScale ? multiScaleSizes(imgsz, stride) : [];
  return startLoader(dataset, common, train, (epoch) => {
    const sizeRng = new Rng(seed, epoch, -2);
    const variant = variants === undefined ? epoch : epoch % variants;
    const batches = plan?.batches ?? chunk(new Rng(seed, epoch, -1).shuffle([...indices]), common.batchSize);
    return batches.map((batch, i) => {
      const shape = plan?.shapes[i];
      const size = sizes[sizeRng.integer(Math.max(sizes.length, 1))];
      const scaled = size ? { resizeTo: scaledShape(shape ?? [imgsz, imgsz], size, stride) } : {};
      return batch.map((index) => ({ ...task(index, variant, shape), ...scaled }));
    });
  });
}

/** Letterboxed batches for validation, each image once, in the same order every time. */
export async function createValLoader(dataset: Dataset, options: ValLoaderOptions = {}): Promise<Loader> {
  const { rect = true, pad = 0.5 } = options;
  const common = withDefaults(options);
  const plan = rect ? planRect(dataset.images, { ...common, pad }) : undefined;
  const indices = dataset.images.map((_, index) => index);
  const batches = plan?.batches ?? chunk(indices, common.batchSize);
  return startLoader(dataset, common, undefined, () =>
    batches.map((batch, i) => batch.map((index) => task(index, 0, plan?.shapes[i]))),
  );
}

function task(index: number, variant: number, shape: [number, number] | undefined): SampleTask {
  return shape ? { index, variant, shape } : { index, variant };
}

type CommonOptions = ReturnType<typeof withDefaults>;

function withDefaults(options: LoaderOptions) {
  const common = {
    imgsz: options.imgsz ?? 640,
    batchSize: options.batchSize ?? 16,
    workers: options.workers ?? Math.min(8, Math.max(1, availableParallelism() - 1)),
    prefetch: options.prefetch ?? 2,
    stride: options.stride ?? 32,
    cache: options.cache,
    cacheDir: options.cacheDir,
  };
  for (const key of ['imgsz', 'batchSize', 'stride', 'prefetch'] as const) {
    if (!(Number.isInteger(common[key]) && common[key] > 0)) {
      throw new LoaderError(`${key} must be a positive integer, got ${common[key]}`);
    }
  }
  if (!(Number.isInteger(common.workers) && common.workers >= 0)) {
    throw new LoaderError(`workers must be 0 or more, got ${common.workers}`);
  }
  return common;
}

async function startLoader(
  dataset: Dataset,
  options: CommonOptions,
  train: { hyp: Hyperparameters; seed: number; augment: boolean } | undefined,
  plan: (epoch: number) => SampleTask[][],
): Promise<TrainLoader> {
  const warnings = train ? polygonWarnings(dataset, train) : [];
  const cache = await openCache(dataset, options, warnings);
  const { images } = dataset;
  const setup = { images, imgsz: options.imgsz, cache, ...(train ? { train } : {}) };
  const pool = createPool(setup, options.workers);
  return {
    length: Math.ceil(images.length / options.batchSize),
    warnings,
    plan,
    load: (batches) => runEpoch(pool, batches, options.prefetch),
    epoch: (n) => runEpoch(pool, plan(n), options.prefetch),
    close: () => pool.close(),
  };
}

/** Copy-paste cuts objects out by their polygons. */
function polygonWarnings({ images }: Dataset, { hyp, augment }: { hyp: Hyperparameters; augment: boolean }) {
  if (!augment || hyp.copy_paste === 0 || images.some(({ segments }) => segments)) return [];
  return [`copy_paste is ${hyp.copy_paste} and has no effect: no label of the training images is a polygon`];
}

async function* runEpoch(
  pool: SamplePool,
  batches: readonly (readonly SampleTask[])[],
  prefetch: number,
): AsyncGenerator<Batch, void, undefined> {
  const ahead: Promise<Batch>[] = [];
  let next = 0;
  for (;;) {
    // The batch in use is not counted: `prefetch` more are under way while the caller works on it.
    while (next < batches.length && ahead.length <= prefetch) ahead.push(makeBatch(pool, batches[next++]!));
    const batch = ahead.shift();
    if (!batch) return;
    const ready = await batch;
    while (next < batches.length && ahead.length < prefetch) ahead.push(makeBatch(pool, batches[next++]!));
    yield ready;
  }
}

function makeBatch(pool: SamplePool, tasks: readonly SampleTask[]): Promise<Batch> {
  const batch = Promise.all(tasks.map((one) => pool.run(one))).then(collate);
  // A batch that fails before anyone waits for it is not an unhandled rejection: the error shows where it is awaited.
  batch.catch(() => {});
  return batch;
}

async function openCache(
  { images }: Dataset,
  { cache, cacheDir, imgsz }: CommonOptions,
  warnings: string[],
): Promise<ImageCache> {
  if (cache === 'disk') {
    const folder = cacheDir ?? join(dirname(dirname(images[0]!.path)), '.froyolo-images');
    try {
      await writeAtomic(join(folder, 'README.txt'), 'Decoded images kept by froyolo. Safe to delete.\n');
      return { kind: 'disk', folder };
    } catch (error) {
      warnings.push(`${folder}: images are not cached on disk: ${reasonOf(error)}`);
    }
  }
  const ram = createRamCache(images, imgsz, cache === 'ram' ? freemem() : SMALL_CACHE_BYTES);
  if (cache === 'ram' && ram.pixels.length < images.length) {
    warnings.push(
      `only ${ram.pixels.length} of ${images.length} images at ${imgsz} px fit into free memory and are cached`,
    );
  }
  return ram;
}

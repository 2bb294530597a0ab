import { type ImageMeta, type Sample, toSample } from '../batch.js';
import type { Hyperparameters } from '../hyp.js';
import type { RgbImage } from '../image.js';
import type { Labels, Segments } from '../labels.js';
import { flipHorizontal, flipVertical } from '../ops/flip.js';
import { augmentHsv } from '../ops/hsv.js';
import { letterbox } from '../ops/letterbox.js';
import { resizeLinear } from '../ops/resize.js';
import { Rng } from '../rng.js';
import { concatBoxes, type PixelBoxes, toNormalized, toPixels } from './boxes.js';
import { copyPaste } from './copy-paste.js';
import { mixup, mosaic4 } from './mosaic.js';
import { mosaic9 } from './mosaic-nine.js';
import { alterPixels } from './pixels.js';
import { randomPerspective } from './random-perspective.js';

/** Where the pipeline gets images from. */
export interface ImageSource {
  /** How many images there are. */
  readonly length: number;
  path(index: number): string;
  labels(index: number): Labels;
  /** Polygons of its labels, if they have any. */
  segments?(index: number): Segments | undefined;
  /** `[height, width]` in the file, after its orientation is applied. */
  originalShape(index: number): [height: number, width: number];
  /** The image with its long side at imgsz. The pipeline doesn't change it. */
  load(index: number): Promise<RgbImage>;
}

/** What makes a training sample besides the image. */
export interface TrainSampleOptions {
  imgsz: number;
  hyp: Hyperparameters;
  augment: boolean;
  seed: number;
  /** Augmentations are drawn from (seed, variant, index): the epoch, or its number modulo a count of fixed variants. */
  variant: number;
  /** `[height, width]` of the batch when it isn't square; switches mosaic off. */
  shape?: [number, number];
  /** `[height, width]` that the finished sample is resized to: multi-scale training. */
  resizeTo?: [number, number];
  /**
   * Partners for mosaics: up to eight for the image itself, then the image to mix in, then partners for that one. By
   * default any image.
   */
  companions?: readonly number[];
}

/** Separates the random draws of these effects from the others. */
const PIXELS = 11;
/** Partners of an image in a mosaic of nine. */
const MOST_OTHERS = 8;

interface Composed {
  image: RgbImage;
  boxes: PixelBoxes;
  meta: ImageMeta;
}

/**
 * One training sample: mosaic (with copy-paste, and mixup of a second one) or letterbox, random perspective, HSV, flips, each with the
 * probability or range that `hyp` says. The result depends on the options and the index alone.
 */
export async function trainSample(
  source: ImageSource,
  index: number,
  options: TrainSampleOptions,
): Promise<Sample> {
  const { hyp, augment } = options;
  const rng = new Rng(options.seed, options.variant, index);
  const useMosaic = augment && options.shape === undefined && rng.random() < hyp.mosaic;
  const { image, boxes, meta } = useMosaic
    ? await mosaicWithMixup(source, index, options, rng)
    : await single(source, index, options, rng);
  if (augment) alterPixels(image, hyp.albumentations, new Rng(options.seed, options.variant, index, PIXELS));
  if (augment) recolor(image, hyp, rng);
  const labels = toNormalized(boxes, image.width, image.height);
  if (augment) flip(image, labels, hyp, rng);
  return toSample(resized(image, options.resizeTo), labels, source.path(index), meta);
}

/** One validation sample: letterboxed into `shape` without growing. */
export async function valSample(
  source: ImageSource,
  index: number,
  shape: [number, number],
): Promise<Sample> {
  const { image, boxes, meta } = await boxed(source, index, shape, false);
  return toSample(image, toNormalized(boxes, image.width, image.height), source.path(index), meta);
}

async function mosaicWithMixup(
  source: ImageSource,
  index: number,
  options: TrainSampleOptions,
  rng: Rng,
): Promise<Composed> {
  const first = await mosaic(source, index, options, rng);
  if (rng.random() >= options.hyp.mixup) return first;
  const [partner = rng.integer(source.length), ...companions] = options.companions?.slice(MOST_OTHERS) ?? [];
  const own = companions.length > 0 ? { ...options, companions } : options;
  const second = await mosaic(source, partner, own, rng);
  mixup(first.image, second.image, rng.beta(32, 32));
  return { ...first, boxes: concatBoxes([first.boxes, second.boxes]) };
}

async function mosaic(
  source: ImageSource,
  index: number,
  { imgsz, hyp, companions = [] }: TrainSampleOptions,
  rng: Rng,
): Promise<Composed> {
  // Drawn only on request, so that the other draws stay the same without it.
  const isNine = hyp.mosaic9 !== undefined && hyp.mosaic9 > 0 && rng.random() < hyp.mosaic9;
  const others = Array.from(
    { length: isNine ? MOST_OTHERS : 3 },
    (_, i) => companions[i] ?? rng.integer(source.length),
  );
  const members = rng.shuffle([index, ...others]);
  const tiles = await Promise.all(
    members.map(async (member) => {
      // Labels come second: an image that can't be loaded has none.
      const tile = await source.load(member);
      const segments = source.segments?.(member);
      return { image: tile, labels: source.labels(member), ...(segments ? { segments } : {}) };
    }),
  );
  const { image, ...composed } = (isNine ? mosaic9 : mosaic4)(tiles, imgsz, rng);
  const { boxes, outlines } =
    hyp.copy_paste > 0 ? copyPaste(image, composed.boxes, composed.outlines, hyp.copy_paste, rng) : composed;
  const size = { width: imgsz, height: imgsz };
  const warped = randomPerspective(image, boxes, size, hyp, rng, outlines);
  const meta: ImageMeta = { index, originalShape: source.originalShape(index), ratio: [1, 1], pad: [0, 0] };
  return { ...warped, meta };
}

async function single(
  source: ImageSource,
  index: number,
  { imgsz, hyp, augment, shape }: TrainSampleOptions,
  rng: Rng,
): Promise<Composed> {
  const composed = await boxed(source, index, shape ?? [imgsz, imgsz], augment);
  if (!augment) return composed;
  return { ...composed, ...randomPerspective(composed.image, composed.boxes, composed.image, hyp, rng) };
}

async function boxed(
  source: ImageSource,
  index: number,
  shape: [number, number],
  scaleup: boolean,
): Promise<Composed> {
  const loaded = await source.load(index);
  const originalShape = source.originalShape(index);
  const { image, ratio, pad } = letterbox(loaded, shape, { scaleup });
  const boxes = toPixels(
    source.labels(index),
    ratio[1] * loaded.width,
    ratio[0] * loaded.height,
    pad[0],
    pad[1],
  );
  const meta: ImageMeta = {
    index,
    originalShape,
    ratio: [(loaded.height / originalShape[0]) * ratio[0], (loaded.width / originalShape[1]) * ratio[1]],
    pad,
  };
  // The loaded image may be a cached one, and what follows works in place.
  const own = image === loaded ? { ...image, data: image.data.slice() } : image;
  return { image: own, boxes, meta };
}

function resized(image: RgbImage, shape: [number, number] | undefined): RgbImage {
  return shape ? resizeLinear(image, shape[1], shape[0]) : image;
}

function recolor(image: RgbImage, hyp: Hyperparameters, rng: Rng): void {
  if (hyp.hsv_h === 0 && hyp.hsv_s === 0 && hyp.hsv_v === 0) return;
  const gain = (range: number) => 1 + rng.uniform(-1, 1) * range;
  augmentHsv(image, [gain(hyp.hsv_h), gain(hyp.hsv_s), gain(hyp.hsv_v)]);
}

function flip(image: RgbImage, labels: Labels, hyp: Hyperparameters, rng: Rng): void {
  if (rng.random() < hyp.flipud) {
    flipVertical(image);
    for (let i = 2; i < labels.length; i += 5) labels[i] = 1 - labels[i];
  }
  if (rng.random() < hyp.fliplr) {
    flipHorizontal(image);
    for (let i = 1; i < labels.length; i += 5) labels[i] = 1 - labels[i];
  }
}

import type { RgbImage } from './image.js';
import { toPlanes } from './image.js';
import { LABEL_COLUMNS, type Labels } from './labels.js';
import { TARGET_ROW } from './rows.js';

/** How an image of a batch came from its file: `x = originalX * ratio[1] + pad[0]`, `y = originalY * ratio[0] + pad[1]`. */
export interface ImageMeta {
  /** Position in the dataset's `images`. */
  index: number;
  originalShape: [height: number, width: number];
  ratio: [rh: number, rw: number];
  pad: [dw: number, dh: number];
}

/** Images of one shape with their targets. */
export interface Batch {
  /** `[N, 3, H, W]`, RGB, 0..255. */
  images: Uint8Array;
  shape: [n: number, channels: 3, height: number, width: number];
  /** Rows as `TARGET_ROW` lays them out; `image` counts within the batch, boxes are normalized to `H` and `W`. */
  targets: Float32Array;
  paths: string[];
  meta: ImageMeta[];
}

/** One image ready for a batch. */
export interface Sample {
  /** `[3, H, W]`, RGB. */
  planes: Uint8Array;
  height: number;
  width: number;
  labels: Labels;
  path: string;
  meta: ImageMeta;
  /** Images that couldn't be decoded and are missing from the sample. */
  warnings?: readonly string[];
}

/** Turns an image and its labels into a sample. */
export function toSample(image: RgbImage, labels: Labels, path: string, meta: ImageMeta): Sample {
  const planes = new Uint8Array(image.data.length);
  toPlanes(image, planes);
  return { planes, height: image.height, width: image.width, labels, path, meta };
}

/** Puts samples of one shape together; throws a RangeError when shapes differ or there are none. */
export function collate(samples: readonly Sample[]): Batch {
  const first = samples[0];
  if (!first) throw new RangeError('a batch needs at least one sample');
  const size = first.planes.length;
  const images = new Uint8Array(samples.length * size);
  const rows = samples.reduce((sum, { labels }) => sum + labels.length / LABEL_COLUMNS, 0);
  const targets = new Float32Array(rows * TARGET_ROW.width);
  let row = 0;
  samples.forEach((sample, i) => {
    if (sample.height !== first.height || sample.width !== first.width) {
      throw new RangeError(
        `${sample.path} is ${sample.height}x${sample.width}, its batch ${first.height}x${first.width}`,
      );
    }
    images.set(sample.planes, i * size);
    for (let k = 0; k < sample.labels.length; k += LABEL_COLUMNS, row++) {
      targets[row * TARGET_ROW.width] = i;
      targets.set(sample.labels.subarray(k, k + LABEL_COLUMNS), row * TARGET_ROW.width + 1);
    }
  });
  return {
    images,
    shape: [samples.length, 3, first.height, first.width],
    targets,
    paths: samples.map(({ path }) => path),
    meta: samples.map(({ meta }) => meta),
  };
}

/** Feature maps of the layers as pictures and as arrays that NumPy reads. */
import { join } from 'node:path';
import { writeAtomic } from '@froyolo/common/node';
import type { Executor } from '@froyolo/core';
import { createImage, type RgbImage } from '@froyolo/data';
import { saveImage } from '@froyolo/data/node';
import type { Detector } from '@froyolo/yolo';
import { compileFeatures, type FeatureMap } from './feature-maps.js';
import { npyBytes } from './npy.js';
import { viridis } from './viridis.js';

/** Number of channels drawn, and of channels per row. */
const SHOWN = 32;
const COLUMNS = 8;
const GAP = 2;

export interface FeatureTools {
  readonly detector: Detector;
  readonly executor: Executor;
  readonly imgsz: readonly [height: number, width: number];
}

export class FeaturePictures {
  readonly #folder: string;
  readonly #maps: ReturnType<typeof compileFeatures>;

  constructor({ detector, executor, imgsz }: FeatureTools, folder: string) {
    this.#folder = folder;
    this.#maps = compileFeatures(detector, executor, imgsz);
  }

  /** `NAME/stage3_Conv_features.png`, and `.npy` with all channels, for every layer whose output is larger than one pixel. */
  async write(image: RgbImage, name: string): Promise<void> {
    for (const map of await this.#maps.of(image)) {
      const [, height, width] = map.shape;
      if (height <= 1 || width <= 1) continue;
      const file = join(this.#folder, name, `stage${map.layer}_${map.type}_features`);
      await saveImage(featurePicture(map), `${file}.png`);
      await writeAtomic(`${file}.npy`, npyBytes(map.data, map.shape));
    }
  }

  dispose(): Promise<void> {
    return this.#maps.dispose();
  }
}

/** The first channels side by side, each from its least to its largest value. */
function featurePicture({ data, shape: [channels, height, width] }: FeatureMap): RgbImage {
  const shown = Math.min(channels, SHOWN);
  const columns = Math.min(shown, COLUMNS);
  const rows = Math.ceil(shown / columns);
  const picture = createImage(columns * (width + GAP) - GAP, rows * (height + GAP) - GAP, 255);
  for (let channel = 0; channel < shown; channel++) {
    const values = data.subarray(channel * height * width, (channel + 1) * height * width);
    const left = (channel % columns) * (width + GAP);
    const top = Math.floor(channel / columns) * (height + GAP);
    drawChannel(picture, values, { left, top, width });
  }
  return picture;
}

function drawChannel(
  picture: RgbImage,
  values: Float32Array,
  { left, top, width }: { left: number; top: number; width: number },
): void {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) [least, most] = [Math.min(least, value), Math.max(most, value)];
  const range = most > least ? most - least : 1;
  values.forEach((value, i) => {
    const at = (top + Math.floor(i / width)) * picture.width + left + (i % width);
    picture.data.set(viridis((value - least) / range), at * 3);
  });
}

/** Images of a dataset for measuring ranges. */
import { createValLoader, openDataset } from '@froyolo/data/node';
import type { CalibrationImages } from '../onnx/calibrate.js';

export interface CalibrationImagesOptions {
  /** Images at most. Default 64. */
  readonly count?: number;
  readonly imgsz: number;
  readonly stride: number;
}

/** The first training images of a dataset, one at a time, letterboxed to squares. */
export async function* calibrationImages(
  data: string,
  { count = 64, imgsz, stride }: CalibrationImagesOptions,
): AsyncGenerator<CalibrationImages> {
  const dataset = await openDataset(data, 'train');
  const some = { ...dataset, images: dataset.images.slice(0, count) };
  const loader = await createValLoader(some, { batchSize: 1, imgsz, stride, rect: false, workers: 0 });
  try {
    for await (const { images, shape } of loader.epoch(0))
      yield { data: Float32Array.from(images, (byte) => byte / 255), shape };
  } finally {
    await loader.close();
  }
}

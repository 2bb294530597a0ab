/** How much of a dataset a detector knows before it is trained on it. */
import type { Executor } from '@froyolo/core';
import { type Detector, roundedImgsz, strideOf, validate } from '@froyolo/yolo';
import { answeringImages } from './answering-classes.js';
import type { RunData } from './host.js';
import type { TrainSettings } from './settings/index.js';

/** mAP50 on at most 32 training images of each class. */
export async function familiarity(
  detector: Detector,
  data: RunData,
  { imgsz, batchSize }: Pick<TrainSettings, 'imgsz' | 'batchSize'>,
  executor: Executor,
): Promise<number> {
  const stride = strideOf(detector);
  const some = answeringImages(data.train.images);
  const loader = await data.openImages('train', some, {
    stride,
    batchSize,
    imgsz: roundedImgsz(detector, imgsz),
  });
  try {
    return (await validate(detector, loader.epoch(0), { executor })).mAP50;
  } finally {
    await loader.close();
  }
}

/** A detector that stays on its device, for programs that look at one image after the other. */
import { type AsyncResource, disposable } from '@froyolo/core';
import type { RgbImage } from '@froyolo/data';
import { decodeImage } from '@froyolo/data/node';
import { openNodeDevice } from '@froyolo/run/node';
import { type DetectOptions, resolveSettings, SETTINGS } from '@froyolo/run/settings';
import { createPredictor, DetectorError, type Prediction } from '@froyolo/yolo';
import type { CommonEvents } from './events.js';
import { usesHalf } from './half.js';
import { fitImageSize } from './image-size.js';
import { readDetector } from './opened-detector.js';

/** Settings of `detect` that an open detector has. */
export type DetectorOptions = Pick<
  DetectOptions,
  | 'weights'
  | 'imgsz'
  | 'confThres'
  | 'iouThres'
  | 'maxDet'
  | 'classes'
  | 'agnosticNms'
  | 'augment'
  | 'half'
  | 'device'
  | 'threads'
>;

/** Frees the programs and the device when it is disposed of. */
export interface OpenDetector extends AsyncResource {
  readonly names: readonly string[];
  /**
   * Finds objects in an image file, given by its path or its bytes, or in decoded pixels. Boxes are `[x1, y1, x2, y2]` in
   * pixels of the image.
   * @throws ImageError for a file that can't be decoded and for pixels that are no RGB image; DetectorError once the
   * detector is disposed of
   */
  detect(image: string | Uint8Array | RgbImage): Promise<Prediction>;
}

/**
 * Opens a detector on a device. Dispose of it when it is no longer needed: its programs hold memory that is not JavaScript's.
 * @throws FroyoloError for settings, weights or a device that can't be used
 */
export async function openDetector(
  options: DetectorOptions = {},
  events: CommonEvents = {},
): Promise<OpenDetector> {
  const {
    imgsz,
    classes,
    agnosticNms: agnostic,
    ...settings
  } = resolveSettings(SETTINGS, 'detect', {
    ...options,
    source: 'none',
  });
  const { confThres, iouThres, maxDet, augment } = settings;
  const detector = await readDetector(settings.weights, events);
  const { executor } = await openNodeDevice({ ...settings, detector });
  const [height = 0, width = height] = imgsz.map((size) => fitImageSize(size, detector, events.onWarning));
  const predictor = createPredictor(detector, {
    executor,
    imgsz: [height, width],
    confThres,
    iouThres,
    maxDet,
    agnostic,
    augment,
    half: settings.half && usesHalf(executor, events.onWarning),
    ...(classes ? { classes } : {}),
  });
  let isDisposed = false;
  return disposable({
    names: detector.names,
    async detect(image: string | Uint8Array | RgbImage) {
      if (isDisposed) throw new DetectorError('the detector was disposed of: open it again');
      const isFile = typeof image === 'string' || image instanceof Uint8Array;
      return predictor.predict(isFile ? await decodeImage(image) : image);
    },
    async dispose() {
      isDisposed = true;
      await predictor.dispose();
      await executor.dispose();
    },
  });
}

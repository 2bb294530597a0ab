/** Finds objects in images. */
import { ImageError } from '@froyolo/data';
import { decodeImage, loadDatasetConfig } from '@froyolo/data/node';
import { claimRunFolder } from '@froyolo/run/node';
import {
  type DetectOptions,
  type DetectSettings,
  resolveSettings,
  SETTINGS,
  SettingsError,
} from '@froyolo/run/settings';
import {
  createPredictor,
  type Detector,
  DetectorError,
  type Prediction,
  type Predictor,
} from '@froyolo/yolo';
import { ResultNames, writeResults, writesFiles } from './detect-results.js';
import { fitImageSize } from './image-size.js';
import { type DeviceEvents, readDetector, withDevice } from './opened-detector.js';
import { listSources } from './sources.js';

/** What was found in an image. */
export interface ImageResult extends Prediction {
  readonly path: string;
}

export interface DetectEvents extends DeviceEvents {
  /** Before each image: its place, from 0, among all. */
  onProgress?(done: number, total: number): void;
  onImage?(result: ImageResult): void;
}

export interface DetectResult {
  /** Results by image; images that can't be read are left out. */
  readonly images: readonly ImageResult[];
  /** Images that can't be read, and those that an abort left out. */
  readonly skipped: readonly string[];
  readonly isPartial: boolean;
  /** Where files were written; absent where none were. */
  readonly folder?: string;
}

/**
 * Detects objects in images, and writes pictures, labels and crops into a folder of its own; with `nosave` no pictures.
 * An image that can't be read is skipped with a warning.
 * @throws FroyoloError for settings, sources, weights or a device that can't be used, or when no image can be read
 */
export async function detect(options: DetectOptions, events: DetectEvents = {}): Promise<DetectResult> {
  const settings = resolveSettings(SETTINGS, 'detect', options);
  const files = await listSources(settings.source);
  const detector = await withNames(await readDetector(settings.weights, events), settings.data);
  checkClasses(settings, detector);
  return withDevice(settings, events, async ({ executor }) => {
    const { confThres, iouThres, maxDet, classes, agnosticNms: agnostic, project, name, existOk } = settings;
    const predictor = createPredictor(detector, {
      ...{ executor, imgsz: imageShape(settings, detector, events), confThres, iouThres, maxDet, agnostic },
      ...(classes ? { classes } : {}),
    });
    const folder = writesFiles(settings) ? claimRunFolder(project, name, existOk) : undefined;
    try {
      const result = await detectInFiles(files, predictor, { ...settings, folder }, events);
      return { ...result, ...(folder === undefined ? {} : { folder }) };
    } finally {
      await predictor.dispose();
    }
  });
}

async function detectInFiles(
  files: readonly string[],
  predictor: Predictor,
  settings: DetectSettings & { readonly folder: string | undefined },
  { signal, onProgress, onImage, onWarning }: DetectEvents,
): Promise<Omit<DetectResult, 'folder'>> {
  const names = new ResultNames();
  const [images, skipped]: [ImageResult[], string[]] = [[], []];
  for (const [done, path] of files.entries()) {
    onProgress?.(done, files.length);
    if (signal?.aborted) return { images, skipped: [...skipped, ...files.slice(done)], isPartial: true };
    try {
      const image = await decodeImage(path);
      const result = { path, ...(await predictor.predict(image)) };
      await writeResults(image, result.detections, { path, name: names.of(path) }, settings);
      images.push(result);
      onImage?.(result);
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      skipped.push(path);
      onWarning?.(`${error.message} (skipped)`);
    }
  }
  onProgress?.(files.length, files.length);
  return { images, skipped, isPartial: false };
}

function checkClasses({ classes }: DetectSettings, { names }: Detector): void {
  const unknown = classes?.find((index) => index >= names.length);
  if (unknown !== undefined)
    throw new SettingsError('classes', `${unknown}: the detector has the classes 0 to ${names.length - 1}`);
}

/** One number is the long side; two are height and width. */
function imageShape({ imgsz }: DetectSettings, detector: Detector, events: DetectEvents): [number, number] {
  const sizes = imgsz.map((size) => fitImageSize(size, detector, events.onWarning));
  const [height = 0, width = height, ...more] = sizes;
  if (more.length > 0)
    throw new SettingsError('imgsz', `it takes one number, or height and width, not ${sizes.length}`);
  return [height, width];
}

/** The class names of a dataset instead of the detector's own. */
async function withNames(detector: Detector, data: string | undefined): Promise<Detector> {
  if (data === undefined) return detector;
  const { names } = await loadDatasetConfig(data);
  if (names.length !== detector.names.length)
    throw new DetectorError(
      `${data} names ${names.length} classes, the detector has ${detector.names.length}`,
    );
  return { ...detector, names };
}

/** Finds objects in images, videos and streams. */
import type { Executor } from '@froyolo/core';
import { loadDatasetConfig } from '@froyolo/data/node';
import { claimRunFolder, fillingFolder } from '@froyolo/run/node';
import {
  type DetectOptions,
  type DetectSettings,
  resolveSettings,
  SETTINGS,
  SettingsError,
} from '@froyolo/run/settings';
import { createPredictor, type Detector, DetectorError, type PredictOptions } from '@froyolo/yolo';
import { listSources } from '../sources/list.js';
import { isLive, type Source } from '../sources/source.js';
import { findFfmpeg } from '../video/ffmpeg.js';
import { View } from '../view/view.js';
import type { DetectEvents, DetectResult } from './detect-events.js';
import { writesFiles } from './detect-results.js';
import { DetectRun } from './detect-run.js';
import { usesHalf } from './half.js';
import { fitImageSize } from './image-size.js';
import { readDetector, withDevice } from './opened-detector.js';

/**
 * Detects objects in images, videos, cameras, screens and streams, and writes pictures, videos, labels and crops into a
 * folder of its own; with `nosave` no pictures. What can't be read is skipped with a warning. Results of images are
 * collected; those of frames only go to `onFrame`, so that an endless stream takes no more memory than its first frames.
 * @throws FroyoloError for settings, sources, weights or a device that can't be used, or where ffmpeg is missing
 */
export async function detect(options: DetectOptions, events: DetectEvents = {}): Promise<DetectResult> {
  const settings = resolveSettings(SETTINGS, 'detect', options);
  const sources = await listSources(settings.source);
  const ffmpeg = sources.some(needsFfmpeg) ? await findFfmpeg() : undefined;
  const detector = await withNames(await readDetector(settings.weights, events), settings.data);
  checkSettings(settings, detector);
  return withDevice({ ...settings, detector }, events, async ({ executor }) => {
    const imgsz = imageShape(settings, detector, events);
    const predictor = createPredictor(detector, predictOptions(settings, executor, imgsz, events));
    const folder = openFolder(settings);
    const tools = { settings, folder, predictor, ffmpeg, detector, executor, imgsz };
    try {
      return await fillingFolder(folder, () =>
        withView(settings, events, (view) => new DetectRun({ ...tools, view }, events).over(sources)),
      );
    } finally {
      await predictor.dispose();
    }
  });
}

const needsFfmpeg = (source: Source) =>
  isLive(source) || source.kind === 'video' || source.kind === 'video address';

/** Calls `use` with the page to watch, if it is asked for. */
async function withView<T>(
  { viewImg }: DetectSettings,
  { onView }: DetectEvents,
  use: (view: View | undefined) => Promise<T>,
): Promise<T> {
  const view = viewImg ? await View.open() : undefined;
  if (view) onView?.(view.address);
  try {
    return await use(view);
  } finally {
    await view?.close();
  }
}

function predictOptions(
  settings: DetectSettings,
  executor: Executor,
  imgsz: readonly [number, number],
  { onWarning }: DetectEvents,
): PredictOptions {
  const { confThres, iouThres, maxDet, classes, agnosticNms: agnostic, augment } = settings;
  const half = settings.half && usesHalf(executor, onWarning);
  const rest = { confThres, iouThres, maxDet, agnostic, augment, half, ...(classes ? { classes } : {}) };
  return { executor, imgsz, ...rest };
}

function openFolder(settings: DetectSettings): string | undefined {
  if (!writesFiles(settings)) return undefined;
  return claimRunFolder(settings.project, settings.name, settings.existOk);
}

function checkSettings({ classes, visualize }: DetectSettings, { names, network, members }: Detector): void {
  const unknown = classes?.find((index) => index >= names.length);
  if (unknown !== undefined)
    throw new SettingsError('classes', `${unknown}: the detector has the classes 0 to ${names.length - 1}`);
  if (visualize && members)
    throw new SettingsError('visualize', 'it shows the layers of one detector: name one with weights');
  if (visualize && network)
    throw new SettingsError(
      'visualize',
      `${network.file} has no layer information: use the .pt or .safetensors file`,
    );
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

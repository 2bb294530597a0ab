/** Measures a detector on a dataset. */
import type { Executor } from '@froyolo/core';
import {
  claimRunFolder,
  fillingFolder,
  type ValidateFilesOptions,
  type ValidateStartEvent,
  validateOnFiles,
} from '@froyolo/run/node';
import {
  resolveSettings,
  SETTINGS,
  type ValidateOptions,
  type ValidateSettings,
} from '@froyolo/run/settings';
import type { Detector, ValidationBatchEvent, ValidationResult } from '@froyolo/yolo';
import { fetchMissing } from './dataset.js';
import { usesHalf } from './half.js';
import { fitImageSize } from './image-size.js';
import { type DeviceEvents, readDetector, withDevice } from './opened-detector.js';
import { ValidationOutput } from './validation-output.js';

export interface ValidateEvents extends DeviceEvents {
  onStart?(event: ValidateStartEvent): void;
  onBatch?(event: ValidationBatchEvent): void;
}

/** The figures, and where they were written; without `folder` where they weren't. */
export interface ValidateResult extends Omit<ValidationResult, 'details'> {
  readonly folder?: string;
  /** Whether it was aborted before the last image; the figures then cover the images before. */
  readonly isPartial: boolean;
}

/** What YOLOv5 measures speed with: usual thresholds and square images. */
const SPEED = { confThres: 0.25, iouThres: 0.45, saveJson: false } as const;

/**
 * Precision, recall and mean average precision on a split of a dataset. Writes `metrics.json`, charts and pictures into a
 * folder of its own unless `nosave`. Of the tasks, `speed` measures with the thresholds of `detect` on square images,
 * without pictures; `study` is `studySizes`, not this.
 * @throws FroyoloError for settings, data, weights or a device that can't be used
 */
export async function validate(
  options: ValidateOptions,
  events: ValidateEvents = {},
): Promise<ValidateResult> {
  const given = resolveSettings(SETTINGS, 'val', options);
  const settings = given.task === 'speed' ? { ...given, ...SPEED } : given;
  await fetchMissing(settings.data, events);
  const detector = await readDetector(settings.weights, events);
  return withDevice({ ...settings, detector }, events, async ({ executor }) => {
    const { project, name, existOk, nosave } = settings;
    if (settings.saveHybrid)
      events.onWarning?.('the labels count as detections: figures are not the detector’s');
    const folder = nosave ? undefined : claimRunFolder(project, name, existOk);
    const output =
      folder === undefined ? undefined : new ValidationOutput(folder, detector, settings, events);
    const { details, ...result } = await fillingFolder(folder, () =>
      validateOnFiles({
        ...filesOptions(settings, detector, executor, events),
        ...output?.events,
        onStart: (event) => {
          output?.start(event);
          events.onStart?.(event);
        },
      }),
    );
    const isPartial = events.signal?.aborted ?? false;
    if (!isPartial) await output?.finish(result, details);
    return { ...result, isPartial, ...(folder === undefined ? {} : { folder }) };
  });
}

/** What a validation on files takes from the settings. */
export function filesOptions(
  settings: ValidateSettings,
  detector: Detector,
  executor: Executor,
  events: ValidateEvents,
): ValidateFilesOptions {
  const { data, task, batchSize, confThres, iouThres, maxDet, singleCls, workers, augment } = settings;
  return {
    detector,
    executor,
    data,
    batchSize,
    confThres,
    iouThres,
    maxDet,
    singleCls,
    augment,
    split: task === 'speed' || task === 'study' ? 'val' : task,
    rect: task !== 'speed',
    half: settings.half && usesHalf(executor, events.onWarning),
    hybrid: settings.saveHybrid,
    ...(workers === undefined ? {} : { workers }),
    ...(events.signal ? { signal: events.signal } : {}),
    imgsz: fitImageSize(settings.imgsz, detector, events.onWarning),
    onBatch: (event) => events.onBatch?.(event),
    onWarning: (text) => events.onWarning?.(text),
  };
}

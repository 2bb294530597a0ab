/** Measures a detector on a dataset. */
import { join } from 'node:path';
import { writeAtomic } from '@froyolo/data/node';
import { validationCharts } from '@froyolo/report';
import { claimRunFolder, type ValidateStartEvent, validateOnFiles } from '@froyolo/run/node';
import {
  resolveSettings,
  SETTINGS,
  type ValidateOptions,
  type ValidateSettings,
} from '@froyolo/run/settings';
import type { Detector, ImageDetections, ValidationBatchEvent, ValidationResult } from '@froyolo/yolo';
import { labelRows, ResultNames, writeLabels } from './detect-results.js';
import { fitImageSize } from './image-size.js';
import { type DeviceEvents, readDetector, withDevice } from './opened-detector.js';
import { PICTURED_BATCHES, Pictures } from './pictures.js';

export interface ValidateEvents extends DeviceEvents {
  onStart?(event: ValidateStartEvent): void;
  onBatch?(event: ValidationBatchEvent): void;
}

/** The figures, and where they were written; without `folder` where they weren't. */
export interface ValidateResult extends Omit<ValidationResult, 'details'> {
  readonly folder?: string;
  /** Whether it was aborted before the last image: then the figures are of those before. */
  readonly isPartial: boolean;
}

/**
 * Precision, recall and mean average precision on a split of a dataset. Writes `metrics.json`, charts and pictures into a
 * folder of its own unless `nosave`.
 * @throws FroyoloError for settings, data, weights or a device that can't be used
 */
export async function validate(
  options: ValidateOptions,
  events: ValidateEvents = {},
): Promise<ValidateResult> {
  const settings = resolveSettings(SETTINGS, 'val', options);
  const detector = await readDetector(settings.weights, events);
  return withDevice(settings, events, async ({ executor }) => {
    const { project, name, existOk, nosave } = settings;
    const folder = nosave ? undefined : claimRunFolder(project, name, existOk);
    const output =
      folder === undefined ? undefined : new ValidationOutput(folder, detector, settings, events);
    const { data, task: split, batchSize, confThres, iouThres, maxDet, singleCls, workers } = settings;
    const { details, ...result } = await validateOnFiles({
      ...{ detector, executor, data, split, batchSize, confThres, iouThres, maxDet, singleCls },
      ...(workers === undefined ? {} : { workers }),
      ...(events.signal ? { signal: events.signal } : {}),
      imgsz: fitImageSize(settings.imgsz, detector, events.onWarning),
      onStart: (event) => events.onStart?.(event),
      onBatch: (event) => events.onBatch?.(event),
      onWarning: (text) => events.onWarning?.(text),
      ...output?.events,
    });
    const isPartial = events.signal?.aborted ?? false;
    if (!isPartial) await output?.finish(result, details);
    return { ...result, isPartial, ...(folder === undefined ? {} : { folder }) };
  });
}

/** Files of a validation. */
class ValidationOutput {
  readonly #folder: string;
  readonly #names: readonly string[];
  readonly #settings: ValidateSettings;
  readonly #pictures: Pictures;

  constructor(folder: string, { names }: Detector, settings: ValidateSettings, events: ValidateEvents) {
    this.#folder = folder;
    this.#names = settings.singleCls ? ['item'] : names;
    this.#settings = settings;
    this.#pictures = new Pictures(folder, (text) => events.onWarning?.(text));
  }

  get events(): Pick<Parameters<typeof validateOnFiles>[0], 'onPredictions' | 'onImage'> {
    let pictured = 0;
    const names = new ResultNames();
    const { saveTxt, saveConf } = this.#settings;
    return {
      onPredictions: (batch, detections) => {
        if (pictured === PICTURED_BATCHES) return;
        this.#pictures.batch(`val_batch${pictured}_labels`, batch, this.#names);
        this.#pictures.batch(`val_batch${pictured++}_pred`, batch, this.#names, detections);
      },
      ...(saveTxt
        ? {
            onImage: ({ path, detections, ...size }: ImageDetections) =>
              writeLabels(this.#folder, names.of(path), labelRows(size, detections, saveConf)),
          }
        : {}),
    };
  }

  async finish(result: object, details: ValidationResult['details']): Promise<void> {
    await writeAtomic(join(this.#folder, 'metrics.json'), `${JSON.stringify(result, undefined, 2)}\n`);
    this.#pictures.charts(validationCharts(details, this.#names));
    await this.#pictures.finish();
  }
}

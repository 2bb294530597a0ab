/** Draws the pictures of a training run: labels and first batches at the start, figures and detections of the best weights at the end. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { labelsChart, resultsChart } from '@froyolo/report';
import {
  loadDetector,
  RunFolder,
  type TrainFilesEvents,
  type TrainFilesResult,
  validateOnFiles,
} from '@froyolo/run/node';
import type { TrainOptions } from '@froyolo/run/settings';
import type { ValidationResult } from '@froyolo/yolo';
import { withDevice } from './opened-detector.js';
import { Pictures } from './pictures.js';
import { ValidationPictures } from './validation-pictures.js';

/** What may have been given anew where a run went on. */
type Place = Partial<Pick<TrainOptions, 'device' | 'threads' | 'workers'>>;

export class RunPictures {
  readonly #events: TrainFilesEvents;
  readonly #place: Place;
  #names: readonly string[] = [];
  #pictures: Pictures | undefined;
  /** Pictures of the best epoch, if this process trained it. */
  #details: ValidationResult['details'] | undefined;

  constructor(events: TrainFilesEvents, { device, threads, workers }: Place) {
    this.#events = events;
    this.#place = {
      ...(device === undefined ? {} : { device }),
      ...(threads === undefined ? {} : { threads }),
      ...(workers === undefined ? {} : { workers }),
    };
  }

  /** The events, each drawn after it is passed on. */
  get events(): TrainFilesEvents {
    return {
      ...this.#events,
      onSetup: async (event) => {
        await this.#events.onSetup?.(event);
        this.#names = event.detector.names;
        this.#pictures = new Pictures(event.folder, (text) => this.#events.onWarning?.(text));
        this.#pictures.charts({ labels: labelsChart(event.labels, this.#names) });
      },
      onTrainImages: (batch, index) => {
        this.#events.onTrainImages?.(batch, index);
        this.#pictures?.batch(`train_batch${index}`, batch, this.#names);
      },
      onOpened: async (figures) => {
        this.#details = figures.details;
        await this.#events.onOpened?.(figures);
      },
      onEpoch: async (event) => {
        if (event.best && event.validation) this.#details = event.validation.details;
        await this.#events.onEpoch?.(event);
      },
    };
  }

  /** Draws what can be drawn at the end. */
  async finish(result: TrainFilesResult): Promise<void> {
    const results = join(result.folder, 'results.csv');
    if (existsSync(results))
      this.#pictures?.charts({ results: resultsChart(await readFile(results, 'utf8')) });
    await this.#drawBest(result);
    await this.#pictures?.finish();
  }

  /**
   * The pictures that `val` draws, of the best weights. Their figures are known from the epoch, unless an earlier process
   * had it: then only as many batches are looked at as are drawn. A run in a given time ends in time, without batches.
   */
  async #drawBest({ folder, best }: TrainFilesResult): Promise<void> {
    if (!this.#pictures || !existsSync(best)) return;
    const { settings } = await new RunFolder(folder).readSettings();
    const drawn = new ValidationPictures(this.#pictures, this.#names);
    const known = this.#details;
    const details =
      settings.time === undefined && !settings.nosave
        ? await this.#validateBest(best, { ...settings, ...this.#place }, drawn, known !== undefined)
        : known;
    const figures = known ?? details;
    if (figures) drawn.charts(figures);
  }

  async #validateBest(
    best: string,
    settings: Awaited<ReturnType<RunFolder['readSettings']>>['settings'],
    drawn: ValidationPictures,
    onlyDrawn: boolean,
  ): Promise<ValidationResult['details']> {
    const detector = await loadDetector(best);
    const enough = new AbortController();
    const signals = [enough.signal, ...(this.#events.signal ? [this.#events.signal] : [])];
    const { data, imgsz, batchSize, singleCls, workers } = settings;
    return withDevice(settings, {}, async ({ executor }) => {
      const { details } = await validateOnFiles({
        detector,
        executor,
        data,
        imgsz,
        singleCls,
        batchSize: 2 * batchSize,
        ...(workers === undefined ? {} : { workers }),
        signal: AbortSignal.any(signals),
        onPredictions: (batch, detections) => {
          drawn.onPredictions(batch, detections);
          if (onlyDrawn && drawn.isFull) enough.abort();
        },
      });
      return details;
    });
  }
}

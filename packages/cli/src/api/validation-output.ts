/** Files of a validation. */
import { basename, extname, join } from 'node:path';
import { writeAtomic } from '@froyolo/common/node';
import type { ValidateFilesOptions, ValidateStartEvent } from '@froyolo/run/node';
import type { ValidateSettings } from '@froyolo/run/settings';
import type { Detector, ImageDetections, ValidationResult } from '@froyolo/yolo';
import { CocoPredictions, categoryIds, cocoAnnotations } from './coco-results.js';
import { labelRows, ResultNames, writeLabels } from './detect-results.js';
import type { CommonEvents } from './events.js';
import { Pictures } from './pictures.js';
import { ValidationPictures } from './validation-pictures.js';

export class ValidationOutput {
  readonly #folder: string;
  readonly #settings: ValidateSettings;
  readonly #pictures: Pictures;
  readonly #drawn: ValidationPictures;
  readonly #names = new ResultNames();
  #coco: CocoPredictions | undefined;
  #annotations: object | undefined;

  constructor(folder: string, { names }: Detector, settings: ValidateSettings, events: CommonEvents) {
    this.#folder = folder;
    this.#settings = settings;
    this.#pictures = new Pictures(folder, (text) => events.onWarning?.(text));
    this.#drawn = new ValidationPictures(this.#pictures, settings.singleCls ? ['item'] : names);
  }

  get events(): Pick<ValidateFilesOptions, 'onPredictions' | 'onImage'> {
    const { task } = this.#settings;
    return {
      ...(task === 'speed' ? {} : { onPredictions: this.#drawn.onPredictions }),
      onImage: (image) => this.#add(image),
    };
  }

  start({ dataset, entries }: ValidateStartEvent): void {
    if (!this.#settings.saveJson) return;
    const ids = categoryIds(dataset.names.length, entries);
    this.#coco = new CocoPredictions(ids);
    this.#annotations = cocoAnnotations(dataset, ids);
  }

  async finish(result: object, details: ValidationResult['details']): Promise<void> {
    await this.#writeJson('metrics.json', JSON.stringify(result, undefined, 2));
    if (this.#coco) {
      const [weights = ''] = this.#settings.weights;
      await this.#writeJson(`${basename(weights, extname(weights))}_predictions.json`, this.#coco.json);
      await this.#writeJson('annotations.json', JSON.stringify(this.#annotations));
    }
    if (this.#settings.task !== 'speed') this.#drawn.charts(details);
    await this.#pictures.finish();
  }

  async #add({ path, detections, ...size }: ImageDetections): Promise<void> {
    const { saveTxt, saveConf, saveHybrid } = this.#settings;
    this.#coco?.add({ path, detections });
    if (saveTxt || saveHybrid)
      await writeLabels(this.#folder, this.#names.of(path), labelRows(size, detections, saveConf));
  }

  #writeJson(name: string, text: string): Promise<void> {
    return writeAtomic(join(this.#folder, name), `${text.trimEnd()}\n`);
  }
}

/** The pictures of a validation: its first batches, with labels and with detections, and its charts. */
import { validationCharts } from '@froyolo/report';
import type { ValidateOptions, ValidationResult } from '@froyolo/yolo';
import { PICTURED_BATCHES, type Pictures } from './pictures.js';

export class ValidationPictures {
  readonly #pictures: Pictures;
  readonly #names: readonly string[];
  #pictured = 0;

  constructor(pictures: Pictures, names: readonly string[]) {
    this.#pictures = pictures;
    this.#names = names;
  }

  /** Whether there are as many batches as are drawn. */
  get isFull(): boolean {
    return this.#pictured >= PICTURED_BATCHES;
  }

  /** `val_batch0_labels.jpg` and `val_batch0_pred.jpg`, of the first batches. */
  readonly onPredictions: NonNullable<ValidateOptions['onPredictions']> = (batch, detections) => {
    if (this.isFull) return;
    const name = `val_batch${this.#pictured++}`;
    this.#pictures.batch(`${name}_labels`, batch, this.#names);
    this.#pictures.batch(`${name}_pred`, batch, this.#names, detections);
  };

  charts(details: ValidationResult['details']): void {
    this.#pictures.charts(validationCharts(details, this.#names));
  }
}

/** What training prints: a live line while an epoch runs, a line when it is done. */

import type { FillEvent } from '@froyolo/run';
import type { BatchEvent, EpochEvent, Losses, StartEvent, ValidationResult } from '@froyolo/yolo';
import { classTable } from './class-table.js';
import { formatBytes, formatSeconds } from './format.js';
import { ProgressBar } from './progress.js';
import type { Terminal } from './terminal.js';

const header = (lossTerms: readonly string[]) =>
  [
    'Epoch'.padStart(9),
    'Memory'.padStart(8),
    'Images/s'.padStart(8),
    ...lossTerms.map((term) => term.padStart(7)),
    'Size'.padStart(5),
  ].join(' ');
const METRICS_HEADER = ['P', 'R', 'mAP50', 'mAP50-95'].map((title) => title.padStart(8)).join(' ');

/** A batch, and the resident bytes of the process that trains where that is another one. */
export type LoggedBatch = BatchEvent & { readonly memory?: number };

type Figures = Pick<ValidationResult, 'precision' | 'recall' | 'mAP50' | 'mAP50_95'>;

/** An epoch, as far as its line needs it. */
export type LoggedEpoch = Pick<EpochEvent, 'best' | 'seconds'> & { readonly validation?: Figures };

export class TrainLog {
  readonly #terminal: Terminal;
  readonly #bar: ProgressBar;
  #last: LoggedBatch | undefined;
  /** What follows the number of an epoch: how many there are, where that is known. */
  #ofEpochs = '';
  #fill: FillEvent | undefined;
  #best: ValidationResult | undefined;
  #opened: ValidationResult | undefined;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#bar = new ProgressBar(terminal);
  }

  onStart({ epochs, timed, lossTerms }: Pick<StartEvent, 'epochs' | 'timed' | 'lossTerms'>): void {
    this.#ofEpochs = timed ? '' : `/${epochs}`;
    this.#bar.clear();
    this.#terminal.print(`${header(lossTerms)} ${METRICS_HEADER}`);
  }

  /** Figures of the detector that training starts from: the best ones until an epoch is as good. */
  onOpened(figures: ValidationResult): void {
    this.#best = this.#opened = figures;
    this.#bar.clear();
    const { mAP50, mAP50_95 } = figures;
    this.#terminal.note(
      `Before training: mAP50 ${mAP50.toFixed(3)}, mAP50-95 ${mAP50_95.toFixed(3)} on the images to validate`,
    );
    this.#terminal.live('Compiling the training step');
  }

  /** What `onOpened` was told. */
  get opened(): ValidationResult | undefined {
    return this.#opened;
  }

  /** Other layers are trained from this epoch on, counted from 0. */
  onStage(epoch: number, text: string): void {
    this.#bar.clear();
    this.#terminal.print(`Epoch ${epoch + 1}: ${text}`);
  }

  onBatch(event: LoggedBatch): void {
    this.#last = event;
    this.#bar.update(this.#figures(event) + this.#filling(event), event.batch, event.batches);
  }

  /** Images of an epoch that go through the frozen layers, to be cached. */
  onFill(event: FillEvent): void {
    this.#fill = event;
  }

  onEpoch(event: EpochEvent): void {
    if (event.best && event.validation) this.#best = event.validation;
    this.printEpoch(event);
  }

  /** The line of an epoch. */
  printEpoch({ validation, best, seconds }: LoggedEpoch): void {
    this.#bar.clear();
    if (!this.#last) return;
    const time = formatSeconds(seconds.training + seconds.validation);
    const mark = best && validation ? `  ${this.#terminal.colors.green('best')}` : '';
    this.#terminal.print(`${this.#figures(this.#last)} ${metrics(validation)}  ${time}${mark}`);
  }

  /** Takes the live line away and prints the classes of the best epoch, or of the start, where this run had it. */
  finish(): void {
    this.#bar.clear();
    if (!this.#best) return;
    this.#terminal.print(`\n${this.#best === this.#opened ? 'Before training' : 'Best epoch'}, by class:`);
    for (const line of classTable(this.#best)) this.#terminal.print(line);
  }

  #filling({ epoch }: LoggedBatch): string {
    const { epoch: filled, done, total } = this.#fill ?? { epoch: -1, done: 0, total: 0 };
    return filled === epoch && done < total ? ` caching ${done}/${total}` : '';
  }

  #figures({ epoch, losses, imagesPerSecond, imgsz, memory }: LoggedBatch): string {
    return [
      `${epoch + 1}${this.#ofEpochs}`.padStart(9),
      formatBytes(memory ?? process.memoryUsage.rss()).padStart(8),
      imagesPerSecond.toFixed(1).padStart(8),
      ...lossCells(losses),
      String(Math.max(...imgsz)).padStart(5),
    ].join(' ');
  }
}

function lossCells(losses: Losses): string[] {
  return Object.values(losses).map((loss) => loss.toFixed(4).padStart(7));
}

function metrics(validation: Figures | undefined): string {
  const cells = validation
    ? [validation.precision, validation.recall, validation.mAP50, validation.mAP50_95].map((v) =>
        v.toFixed(3),
      )
    : ['-', '-', '-', '-'];
  return cells.map((cell) => cell.padStart(8)).join(' ');
}

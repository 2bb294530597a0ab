/** The card of a training: how far it is, its figures and charts. */
import type { TrainEvent, TrainSummary, Validation } from '../worker/api.js';
import { Chart } from './charts.js';
import { byId, duration, element, fillTable } from './dom.js';

type Batch = Extract<TrainEvent, { type: 'batch' }>;
type Epoch = Extract<TrainEvent, { type: 'epoch' }>;

const set = (id: string, text: string) => {
  byId(id, HTMLElement).textContent = text;
};

/** Terms that have a longer name on the page. */
const TERMS: Readonly<Record<string, string>> = { obj: 'objectness', cls: 'class' };
const COLORS = 3;

/** A line for every term of the loss. */
function lossChart(terms: readonly string[]): Chart {
  const lines = terms.map((term, i) => ({
    label: TERMS[term] ?? term,
    color: `--series-${1 + (i % COLORS)}`,
  }));
  return new Chart(byId('loss-chart', HTMLDivElement), lines);
}

export class RunPanel {
  readonly #card = byId('run', HTMLElement);
  readonly #progress = byId('progress', HTMLProgressElement);
  readonly #notes = byId('run-notes', HTMLUListElement);
  #losses: Chart | undefined;
  #map: Chart | undefined;
  #epochs = 1;
  #stopping = false;
  /** When this run started, and how much of all epochs was done then. */
  #started: { readonly at: number; readonly done: number } | undefined;

  /** @param goOn keeps what the charts show */
  start(epochs: number, goOn: boolean): void {
    this.#card.hidden = false;
    // Made when they can be seen: they take the width that is there.
    this.#map ??= new Chart(
      byId('map-chart', HTMLDivElement),
      [
        { label: 'mAP50', color: '--series-1' },
        { label: 'mAP50-95', color: '--series-2' },
      ],
      { dots: true },
    );
    // On a narrow screen it is below the button that started it.
    this.#card.scrollIntoView({ block: 'nearest', behavior: 'smooth' });
    this.#epochs = epochs;
    this.#stopping = false;
    this.#started = undefined;
    this.#title('Training');
    if (goOn) return;
    this.#losses?.clear();
    this.#map.clear();
    this.#notes.replaceChildren();
    this.#progress.value = 0;
    for (const id of ['map50', 'map', 'loss', 'speed', 'left']) set(`tile-${id}`, '–');
  }

  status(text: string): void {
    set('status', text);
  }

  /** Says so until it has stopped: the batch that runs goes on. */
  stopping(): void {
    this.#stopping = true;
    this.status('Stopping after this batch…');
  }

  note(text: string): void {
    this.#notes.append(element('li', text));
  }

  batch({ epoch, batch, batches, losses, imagesPerSecond }: Batch): void {
    const x = epoch + batch / batches;
    const values = Object.values(losses);
    this.#losses ??= lossChart(Object.keys(losses));
    this.#losses.add(x, values);
    this.#progress.max = this.#epochs;
    this.#progress.value = x;
    set('tile-loss', values.reduce((sum, value) => sum + value, 0).toFixed(3));
    set('tile-speed', imagesPerSecond.toFixed(1));
    if (!this.#stopping) this.status(`Epoch ${epoch + 1} of ${this.#epochs}, batch ${batch} of ${batches}`);
    this.#started ??= { at: performance.now(), done: x };
    const { at, done } = this.#started;
    if (x <= done) return;
    const seconds = (performance.now() - at) / 1000;
    set('tile-left', duration((seconds / (x - done)) * (this.#epochs - x)));
  }

  epoch({ epoch, validation }: Epoch): void {
    if (!validation) return;
    this.#map?.add(epoch + 1, [validation.mAP50, validation.mAP50_95]);
    this.validated(validation);
  }

  /** The figures of a validation, and those of each class. */
  validated({ mAP50, mAP50_95, classes }: Validation): void {
    this.#card.hidden = false;
    set('tile-map50', mAP50.toFixed(3));
    set('tile-map', mAP50_95.toFixed(3));
    byId('classes', HTMLDetailsElement).hidden = false;
    fillTable(byId('class-table', HTMLTableElement), [
      ['Class', 'Images', 'Boxes', 'Precision', 'Recall', 'mAP50', 'mAP50-95'],
      ...classes.map((one) => [
        one.name,
        String(one.images),
        String(one.instances),
        ...[one.precision, one.recall, one.mAP50, one.mAP50_95].map((value) => value.toFixed(3)),
      ]),
    ]);
  }

  /** @param images done and all */
  validating(done: number, total: number): void {
    this.#card.hidden = false;
    this.#title('Validation');
    this.#progress.max = total;
    this.#progress.value = done;
    this.status(`${done} of ${total} images`);
  }

  finished({ status, epochs, bestEpoch, bestFitness }: TrainSummary): void {
    const best = bestFitness > 0 ? `, the best is ${bestEpoch + 1}` : '';
    set('tile-left', '–');
    this.status(
      {
        finished: `Finished: ${epochs} epochs${best}`,
        patience: `Finished early: no better for a long time${best}`,
        stopped: `Stopped in epoch ${epochs + 1}: go on when you like`,
      }[status],
    );
  }

  #title(text: string): void {
    set('run-title', text);
  }
}

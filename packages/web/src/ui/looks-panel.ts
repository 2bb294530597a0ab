/** The card where detections are looked at: in some validation images, and in an image of the visitor's own. */
import type { Detection } from '@froyolo/yolo';
import type { Found, Picture, PictureDetections, Which } from '../worker/api.js';
import { type BoxedImage, drawBoxes } from './boxes.js';
import { byId, count, element, fillTable, onDrop, onFiles } from './dom.js';

interface Shown extends BoxedImage {
  readonly path: string;
  readonly canvas: HTMLCanvasElement;
}

export interface LooksHandlers {
  /** An own image was chosen, or other weights for it. */
  own(image: File): void;
  which(which: Which): void;
}

export class LooksPanel {
  readonly #card = byId('looks', HTMLElement);
  readonly #gallery = byId('gallery', HTMLDivElement);
  readonly #which = byId('which', HTMLSelectElement);
  readonly #confidence = byId('confidence', HTMLInputElement);
  #pictures: readonly Shown[] = [];
  /** With which weights something was looked for in the pictures; empty before. */
  #by = '';
  #own: (Found & { readonly bitmap: ImageBitmap; readonly file: File }) | undefined;

  constructor(handlers: LooksHandlers) {
    this.#which.addEventListener('change', () => {
      handlers.which(this.which);
      if (this.#own) handlers.own(this.#own.file);
    });
    this.#confidence.addEventListener('input', () => {
      byId('confidence-value', HTMLOutputElement).value = Number(this.#confidence.value).toFixed(2);
      this.#draw();
      this.#drawOwn();
    });
    onFiles(byId('own-file', HTMLInputElement), ([file]) => handlers.own(file));
    onDrop(byId('own-drop', HTMLDivElement), ({ files }) => files[0] && handlers.own(files[0]));
  }

  get which(): Which {
    return this.#which.value as Which;
  }

  /** @param known weights that are there, the last of them chosen */
  offer(known: readonly Which[]): void {
    this.#card.hidden = false;
    for (const option of this.#which.options) option.disabled = !known.includes(option.value as Which);
    this.#which.value = known.at(-1) ?? '';
  }

  /** Images to look at, with the boxes of their labels. */
  async show(pictures: readonly Picture[]): Promise<void> {
    this.#card.hidden = false;
    this.#by = '';
    this.#pictures = await Promise.all(
      pictures.map(async ({ path, blob, labels }) => ({
        path,
        bitmap: await createImageBitmap(blob),
        labels,
        found: [],
        canvas: Object.assign(element('canvas'), { role: 'img' }),
      })),
    );
    this.#gallery.replaceChildren(
      ...this.#pictures.map(({ canvas, path }) =>
        element('figure', canvas, element('figcaption', path.slice(path.lastIndexOf('/') + 1))),
      ),
    );
    this.#draw();
  }

  /** @param by with which weights */
  found(detections: PictureDetections, by: string): void {
    this.#pictures = this.#pictures.map((one, i) => ({ ...one, found: detections[i] ?? [] }));
    this.#by = by;
    this.#draw();
  }

  async foundInOwn(file: File, found: Found): Promise<void> {
    this.#own = { ...found, file, bitmap: await createImageBitmap(file) };
    this.#drawOwn();
  }

  #draw(): void {
    let objects = 0;
    for (const { canvas, bitmap, labels, found } of this.#pictures) {
      const confident = this.#confident(found);
      objects += confident.length;
      drawBoxes(canvas, { bitmap, labels, found: confident });
    }
    byId('looks-hint', HTMLSpanElement).textContent = this.#by && `${seen(objects)} ${this.#by}`;
  }

  #drawOwn(): void {
    if (!this.#own) return;
    const { bitmap, detections, file, milliseconds } = this.#own;
    const found = this.#confident(detections);
    byId('own-result', HTMLDivElement).hidden = false;
    drawBoxes(byId('own-canvas', HTMLCanvasElement), { bitmap, found, labels: [] });
    fillTable(byId('own-table', HTMLTableElement), [
      ['Class', 'Confidence', 'x1', 'y1', 'x2', 'y2'],
      ...found.map(({ name, confidence, box }) => [
        name,
        confidence.toFixed(3),
        ...box.map((value) => value.toFixed(1)),
      ]),
    ]);
    byId('own-info', HTMLSpanElement).textContent =
      `${file.name}: ${count(found.length, 'object')} in ${Math.round(milliseconds)} ms (the first of a size takes longer)`;
  }

  #confident(detections: readonly Detection[]): Detection[] {
    const least = Number(this.#confidence.value);
    return detections.filter(({ confidence }) => confidence >= least);
  }
}

function seen(objects: number): string {
  if (objects > 0) return `${count(objects, 'object')} detected`;
  return 'Nothing detected from this confidence on (lower it, or train longer)';
}

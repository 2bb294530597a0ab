/** Charts and pictures in the folder of a run: drawn beside the work, and none is worth failing for. */
import { join } from 'node:path';
import type { Batch } from '@froyolo/data';
import { type BatchBox, batchPicture, saveImage } from '@froyolo/data/node';
import { reasonOf } from '@froyolo/errors';
import { type TopLevelSpec, writeCharts } from '@froyolo/report';
import type { Detection } from '@froyolo/yolo';

/** Number of batches that are drawn. */
export const PICTURED_BATCHES = 3;
/** Less confident detections are not shown, as in YOLOv5. */
const SHOWN_CONFIDENCE = 0.25;

export class Pictures {
  readonly #folder: string;
  readonly #warn: (text: string) => void;
  readonly #drawing: Promise<void>[] = [];

  constructor(folder: string, warn: (text: string) => void) {
    this.#folder = folder;
    this.#warn = warn;
  }

  /** `NAME.jpg`: images of a batch with their labels, or with what was detected. */
  batch(
    name: string,
    batch: Batch,
    names: readonly string[],
    detections?: readonly (readonly Detection[])[],
  ): void {
    const boxes = detections?.map((ofImage) => ofImage.flatMap(shownBox));
    this.#draw(async () => {
      await saveImage(await batchPicture(batch, names, boxes), join(this.#folder, `${name}.jpg`));
    });
  }

  /** Charts by their name. */
  charts(charts: Readonly<Record<string, TopLevelSpec>>): void {
    this.#draw(() => writeCharts(this.#folder, charts));
  }

  /** Waits for pictures that are being drawn. */
  async finish(): Promise<void> {
    await Promise.all(this.#drawing);
  }

  #draw(draw: () => Promise<void>): void {
    const warn = (error: unknown) => this.#warn(`${this.#folder}: a picture is missing: ${reasonOf(error)}`);
    this.#drawing.push(draw().catch(warn));
  }
}

function shownBox({ box, classId, name, confidence }: Detection): BatchBox[] {
  return confidence > SHOWN_CONFIDENCE ? [{ box, classId, label: `${name} ${confidence.toFixed(1)}` }] : [];
}

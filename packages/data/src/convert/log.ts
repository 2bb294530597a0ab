/** The record of a conversion: what was left out and why, what was repaired. */
import { DatasetError, LabelError } from '../errors.js';
import { printable } from '../text.js';

/** Reasons to leave out an object, an image or a file, in the singular and the plural. */
const REASONS = {
  crowd: ['object marked crowd', 'objects marked crowd'],
  difficult: ['object marked difficult', 'objects marked difficult'],
  noBox: ['object without a usable box', 'objects without a usable box'],
  emptyBox: ['object with an empty box', 'objects with an empty box'],
  noName: ['object without a class name', 'objects without a class name'],
  otherClass: ['object of a class that is not asked for', 'objects of classes that are not asked for'],
  unknownClass: ['object of a category that is not listed', 'objects of categories that are not listed'],
  unknownImage: ['object of an image that is not listed', 'objects of images that are not listed'],
  badRecord: ["entry that can't be read", "entries that can't be read"],
  missingImage: ['image that is not there', 'images that are not there'],
  badImage: ["image that can't be used", "images that can't be used"],
  sameImage: ['image that is described twice', 'images that are described twice'],
  noAnnotation: ['image without an annotation', 'images without annotations'],
  unlisted: ['image in none of the lists of images', 'images in none of the lists of images'],
  badFile: ["annotation file that can't be read", "annotation files that can't be read"],
} as const satisfies Record<string, readonly [string, string]>;
export type LeftOutReason = keyof typeof REASONS;

/** Frequent and harmless reasons: they are counted, not listed one by one. */
const COUNTED: readonly LeftOutReason[] = ['crowd', 'difficult', 'noAnnotation', 'unlisted'];

export class ConversionLog {
  readonly #lines: string[] = [];
  readonly #counts = new Map<LeftOutReason, number>();

  /** Records that something is left out. @param where file and place @param detail what is wrong with it */
  leaveOut(reason: LeftOutReason, where: string, detail: string): void {
    this.#counts.set(reason, this.count(reason) + 1);
    if (!COUNTED.includes(reason)) this.note(where, `${detail}; left out`);
  }

  /** Records that an annotation file can't be read and is left out. @throws an error that isn't about what is in the file */
  leaveOutFile(file: string, error: unknown): undefined {
    if (!(error instanceof LabelError || error instanceof DatasetError)) throw error;
    const isLabel = error instanceof LabelError;
    const where = isLabel && error.line !== undefined ? `${file}:${error.line}` : file;
    this.leaveOut('badFile', where, isLabel ? error.reason : error.message);
  }

  /** Records something that was repaired or decided. */
  note(where: string, text: string): void {
    this.#lines.push(printable(`${where}: ${text}`));
  }

  count(reason: LeftOutReason): number {
    return this.#counts.get(reason) ?? 0;
  }

  /** What was left out, by reason, such as `3 objects marked crowd`. */
  get leftOut(): string[] {
    return [...this.#counts].map(([reason, count]) => `${count} ${REASONS[reason][count === 1 ? 0 : 1]}`);
  }

  /** A line for each reason that is only counted and for each thing that was left out or repaired. */
  get warnings(): string[] {
    const counted = COUNTED.filter((reason) => this.count(reason) > 0).map((reason) => {
      const count = this.count(reason);
      return `${count} ${REASONS[reason][count === 1 ? 0 : 1]} left out`;
    });
    return [...counted, ...[...this.#lines].sort()];
  }
}

/** What every annotation format says in the end: images with named boxes, by split. */
import type { Split } from '../dataset-yaml.js';
import { DatasetError } from '../errors.js';
import { type Edges, frameOf, normalizeBox, type ShownSize, type Size } from './frame.js';
import type { ConversionLog } from './log.js';

export interface AnnotatedObject {
  /** Name of its class. */
  readonly name: string;
  readonly edges: Edges;
  /** The box as the file has it, for messages. */
  readonly describe: string;
}

/** An image as a file describes it. */
export interface AnnotatedImage {
  /** Path in the tree. */
  readonly path: string;
  /** Annotation file and image, for messages. */
  readonly where: string;
  /** The size of the picture that the boxes were drawn on, where the file states it. */
  readonly stated?: Size;
  readonly objects: readonly AnnotatedObject[];
}

/** A dataset that was read from annotations. */
export interface AnnotatedDataset {
  readonly names: readonly string[];
  readonly splits: Readonly<Record<Split, readonly AnnotatedImage[]>>;
  /** How files were understood, for the user. */
  readonly notes: readonly string[];
  readonly log: ConversionLog;
}

/**
 * Label rows of an image, `[class, cx, cy, w, h]` one after the other; what can't be used goes to the log. Undefined where
 * the image can't be labeled at all.
 * @param size of the image itself
 */
export function labelRowsOf(
  { where, stated, objects }: AnnotatedImage,
  names: readonly string[],
  size: ShownSize,
  log: ConversionLog,
): number[] | undefined {
  const frame = frameOf(
    stated,
    size,
    objects.map(({ edges }) => edges),
    where,
    log,
  );
  if (!frame) return undefined;
  return objects.flatMap(({ name, edges, describe }) => {
    const index = names.indexOf(name);
    if (index < 0) {
      log.leaveOut('otherClass', where, `class "${name}" is not in the list`);
      return [];
    }
    const box = normalizeBox(edges, frame, where, describe, log);
    return box ? [index, ...box] : [];
  });
}

/** The end of a conversion that left nothing to train on. */
export function nothingLeft(source: string, what: string, log: ConversionLog): DatasetError {
  const [first] = log.warnings.filter((line) => !/^\d/.test(line));
  const leftOut = log.leftOut.length > 0 ? `; left out: ${log.leftOut.join(', ')}` : '';
  const crowds =
    log.count('crowd') > 0 ? ' (masks are often marked as crowds: --keep-crowds takes their boxes)' : '';
  const example = first ? `. First: ${first}` : '';
  return new DatasetError(`${source}: no ${what}${leftOut}${crowds}${example}`);
}

/** Pascal VOC annotations as text. */
import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import { normalizeBox } from './box-edges.js';
import { LabelError } from './errors.js';

const number = z.coerce.number();
const objectSchema = z.object({
  name: z.coerce.string(),
  difficult: z.coerce.string().optional(),
  bndbox: z.object({ xmin: number, ymin: number, xmax: number, ymax: number }),
});
const annotationSchema = z.object({
  annotation: z.object({ object: z.array(objectSchema).default([]) }),
});

/** An object of an annotation; its box counts pixels from 1. */
export type VocObject = z.output<typeof objectSchema>;

const parser = new XMLParser({
  isArray: (_name, path) => path === 'annotation.object',
  parseTagValue: false,
  processEntities: true,
});

/** The objects of an annotation. @throws LabelError when the text is no VOC annotation */
export function parseVocAnnotation(text: string, file: string): VocObject[] {
  let document: unknown;
  try {
    document = parser.parse(text, true);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LabelError(file, undefined, `can't be read as XML: ${reason}`);
  }
  const parsed = annotationSchema.safeParse(document);
  if (parsed.success) return parsed.data.annotation.object;
  const { path, message } = parsed.error.issues[0]!;
  throw new LabelError(file, undefined, `not a Pascal VOC annotation: ${path.join('.')}: ${message}`);
}

/** Whether an object counts: those marked difficult don't, as in YOLO's own conversion. */
export function isCounted({ difficult }: VocObject): boolean {
  return difficult !== '1';
}

/**
 * Label rows of an image's objects, `[class, cx, cy, w, h]` one after the other. VOC counts pixels from 1, so a box's
 * center is `(min + max) / 2 - 1` pixels and its size `max - min`, the convention of YOLO's own VOC conversion.
 * @param size of the image itself: some annotations say 0 x 0
 * @param warnings is added what was left out or cut
 */
export function vocLabels(
  objects: readonly VocObject[],
  names: readonly string[],
  size: { width: number; height: number },
  file: string,
  warnings: string[],
): number[] {
  const rows: number[] = [];
  for (const { name, bndbox } of objects) {
    const index = names.indexOf(name);
    if (index < 0) {
      warnings.push(`${file}: class "${name}" is not in the list and is left out`);
      continue;
    }
    const { xmin, ymin, xmax, ymax } = bndbox;
    const edges = { x1: xmin - 1, y1: ymin - 1, x2: xmax - 1, y2: ymax - 1 };
    const box = normalizeBox(edges, size, `${file}: ${name} box ${xmin},${ymin},${xmax},${ymax}`, warnings);
    if (box) rows.push(index, ...box);
  }
  return rows;
}

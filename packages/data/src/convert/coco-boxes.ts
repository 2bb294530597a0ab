/** COCO boxes: `[x, y, width, height]` in pixels by definition, but not in every file. */
import { polygonBox } from '../labels.js';
import type { AnnotatedObject } from './annotated.js';
import type { Edges, Size } from './frame.js';
import { rleBox } from './rle.js';

/** Reads a number, which may be written as text. */
export function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** A box as it is written; undefined where it isn't four numbers. */
export function boxOf(value: unknown): [number, number, number, number] | undefined {
  if (!Array.isArray(value) || value.length !== 4) return undefined;
  const [x, y, w, h] = value.map(numberOf);
  return x === undefined || y === undefined || w === undefined || h === undefined ? undefined : [x, y, w, h];
}

/** `[x, y, width, height]` around a mask: polygons, or run lengths. */
export function maskBox(value: unknown): [number, number, number, number] | undefined {
  if (!Array.isArray(value)) return rleBox(value);
  // Some tools write points as pairs.
  const points = value.flat(2).map(numberOf);
  const known = points.filter((point) => point !== undefined);
  if (known.length < 6 || known.length !== points.length || known.length % 2 === 1) return undefined;
  const [cx, cy, w, h] = polygonBox(known);
  return [cx - w / 2, cy - h / 2, w, h];
}

/** Whether boxes are fractions of their pictures: boxes in pixels are never that small. */
export function areFractions(objects: readonly AnnotatedObject[]): boolean {
  const isWithin = ({ x1, y1, x2, y2 }: Edges) => x1 >= 0 && y1 >= 0 && x2 <= 1 && y2 <= 1;
  return objects.length > 0 && objects.every(({ edges }) => isWithin(edges));
}

/** An object whose box is a fraction of a picture of this size. */
export function inPixels(object: AnnotatedObject, { width, height }: Size): AnnotatedObject {
  const { x1, y1, x2, y2 } = object.edges;
  return { ...object, edges: { x1: x1 * width, y1: y1 * height, x2: x2 * width, y2: y2 * height } };
}

/**
 * Counts boxes that extend beyond their picture, but would not if their last two numbers were the opposite corner. Undefined
 * unless most boxes are like that.
 */
export function countCorners(
  images: readonly { readonly stated?: Size; readonly objects: readonly AnnotatedObject[] }[],
): number | undefined {
  const boxes = images.flatMap(({ stated, objects }) =>
    stated && stated.width > 0 && stated.height > 0
      ? objects.map(({ edges }) => ({ edges, size: stated }))
      : [],
  );
  const outside = boxes.filter(({ edges, size }) => !fits(edges.x2, edges.y2, size));
  const asCorners = outside.filter(({ edges: { x1, y1, x2, y2 }, size }) => {
    const [right, bottom] = [x2 - x1, y2 - y1];
    return right > x1 && bottom > y1 && fits(right, bottom, size);
  });
  const areMost = 2 * outside.length > boxes.length && asCorners.length === outside.length;
  return areMost ? outside.length : undefined;
}

/** Tolerance in pixels: tools draw up to a pixel outside of the picture. */
const fits = (right: number, bottom: number, { width, height }: Size) =>
  right <= width + 1 && bottom <= height + 1;

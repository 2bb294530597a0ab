/** Boxes as annotations give them, edges in pixels, and which picture those pixels are of. */
import type { ConversionLog } from './log.js';

/** A box by its edges in pixels, counted from 0. */
export interface Edges {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** An image as it is shown, and the EXIF orientation (1 to 8) that was applied. */
export interface ShownSize extends Size {
  readonly orientation?: number;
}

/** The picture that boxes were drawn on: its size, and how its fractions become those of the image as shown. */
export interface Frame {
  readonly size: Size;
  readonly turn?: (x: number, y: number) => [number, number];
}

/** How points of a stored image, as fractions, move when an orientation that swaps the sides is applied. */
const TURNS: Readonly<Record<number, Frame['turn'] | undefined>> = {
  5: (x, y) => [y, x],
  6: (x, y) => [1 - y, x],
  7: (x, y) => [1 - y, 1 - x],
  8: (x, y) => [y, 1 - x],
};

/** Sides that differ by less than this fraction have the same ratio. */
const RATIO_TOLERANCE = 0.02;

/**
 * The frame of an image's boxes. Annotations state the size of the picture that was labeled. If the image was scaled since,
 * boxes are fractions of the stated size; if EXIF orientation turns the image and the stated size is that of the stored
 * pixels, boxes are turned too. Undefined if nothing fits: the image was turned after labeling.
 * @param stated the size in the annotations, if any
 * @param where file and image, for the log
 */
export function frameOf(
  stated: Size | undefined,
  image: ShownSize,
  boxes: readonly Edges[],
  where: string,
  log: ConversionLog,
): Frame | undefined {
  if (!stated || !(stated.width > 0 && stated.height > 0) || isSame(stated, image)) return { size: image };
  const sizes = `the annotations state ${text(stated)}, the image has ${text(image)}`;
  const turned = { width: image.height, height: image.width };
  const isTurned = isSimilar(stated, turned) && !isSimilar(stated, image);
  if (!isTurned) return scaledFrame(stated, image, boxes, { where, log, sizes });
  const onlyImageFits = !fits(boxes, stated) && fits(boxes, image);
  const turn = TURNS[image.orientation ?? 1];
  if (turn && !onlyImageFits) {
    log.note(where, `${sizes}: its boxes are turned as its EXIF orientation says`);
    return { size: stated, turn };
  }
  if (isSame(stated, turned) && fits(boxes, image)) {
    log.note(where, `${sizes}: width and height are taken for exchanged`);
    return { size: image };
  }
  log.leaveOut('badImage', where, `${sizes}: it was turned after it was labeled`);
  return undefined;
}

function scaledFrame(
  stated: Size,
  image: Size,
  boxes: readonly Edges[],
  { where, log, sizes }: { where: string; log: ConversionLog; sizes: string },
): Frame {
  const onlyImageFits = !fits(boxes, stated) && fits(boxes, image);
  const how = onlyImageFits
    ? 'its boxes only fit the image and are taken as they are'
    : 'its boxes are scaled';
  log.note(where, `${sizes}: ${how}`);
  return { size: onlyImageFits ? image : stated };
}

const text = ({ width, height }: Size) => `${width}x${height}`;
const isSame = (a: Size, b: Size) => a.width === b.width && a.height === b.height;

function isSimilar(a: Size, b: Size): boolean {
  return Math.abs((a.width * b.height) / (a.height * b.width) - 1) < RATIO_TOLERANCE;
}

/** Whether boxes lie in a picture, up to a pixel outside, as tools draw them. */
function fits(boxes: readonly Edges[], { width, height }: Size): boolean {
  return boxes.every(({ x1, y1, x2, y2 }) => Math.max(x1, x2) <= width + 1 && Math.max(y1, y2) <= height + 1);
}

/**
 * `[cx, cy, w, h]` of a box as fractions of the image, clipped to it; edges in the wrong order are swapped. Undefined if
 * nothing is left.
 * @param describe names the box in what is logged
 */
export function normalizeBox(
  edges: Edges,
  { size, turn }: Frame,
  where: string,
  describe: string,
  log: ConversionLog,
): [number, number, number, number] | undefined {
  const { width, height } = size;
  const [left, right] = [Math.min(edges.x1, edges.x2), Math.max(edges.x1, edges.x2)];
  const [top, bottom] = [Math.min(edges.y1, edges.y2), Math.max(edges.y1, edges.y2)];
  const within = (value: number, limit: number) => Math.min(Math.max(value, 0), limit);
  const cut = {
    x1: within(left, width),
    x2: within(right, width),
    y1: within(top, height),
    y2: within(bottom, height),
  };
  const of = `of a ${text(size)} image`;
  if (!(cut.x2 > cut.x1 && cut.y2 > cut.y1)) {
    log.leaveOut('emptyBox', where, `${describe} ${of} is empty`);
    return undefined;
  }
  if (left !== edges.x1 || top !== edges.y1)
    log.note(where, `${describe} has its minimum above its maximum: exchanged`);
  const isCut = cut.x1 !== left || cut.x2 !== right || cut.y1 !== top || cut.y2 !== bottom;
  if (isCut) log.note(where, `${describe} ${of} is cut to the image`);
  const first = [cut.x1 / width, cut.y1 / height] as const;
  const second = [cut.x2 / width, cut.y2 / height] as const;
  return turn ? boxOf(turn(...first), turn(...second)) : exactBox(cut, size);
}

/** Computed as `(x1 + x2) / 2 / width`, in this order, as YOLO's own conversions do. */
function exactBox({ x1, y1, x2, y2 }: Edges, { width, height }: Size): [number, number, number, number] {
  return [(x1 + x2) / 2 / width, (y1 + y2) / 2 / height, (x2 - x1) / width, (y2 - y1) / height];
}

function boxOf(a: readonly [number, number], b: readonly [number, number]): [number, number, number, number] {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, Math.abs(a[0] - b[0]), Math.abs(a[1] - b[1])];
}

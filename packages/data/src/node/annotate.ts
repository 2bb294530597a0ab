import sharp from 'sharp';
import type { RgbImage } from '../image.js';
import { type Color, textColor } from '../palette.js';

/** A box to draw. */
export interface AnnotatedBox {
  /** `[x1, y1, x2, y2]` in pixels. */
  box: readonly [number, number, number, number];
  /** Text of the tag; no tag when empty. */
  label?: string;
  color: Color;
}

/** Letters smaller than this many pixels can't be read. */
const MIN_FONT_SIZE = 8;
/** Font size in line widths. */
const FONT_SCALE = 6;

/** Line width in pixels that suits an image: 0.3% of the mean of its sides, at least 1. */
const suitableLineWidth = (width: number, height: number) => Math.max(1, ((width + height) / 2) * 0.003);

/**
 * Draws boxes with label tags; returns a new image. `lineWidth` is in pixels, by default it follows from the image's size,
 * and so does the text. Tags stand above their box, or inside it where there is no room.
 */
export async function annotateImage(
  image: RgbImage,
  boxes: readonly AnnotatedBox[],
  lineWidth = suitableLineWidth(image.width, image.height),
): Promise<RgbImage> {
  if (boxes.length === 0) return { ...image, data: image.data.slice() };
  const { width, height, data } = image;
  const overlay = Buffer.from(annotationSvg(width, height, boxes, lineWidth));
  const drawn = await sharp(data, { raw: { width, height, channels: 3 } })
    .composite([{ input: overlay, top: 0, left: 0 }])
    .removeAlpha()
    .raw()
    .toBuffer();
  return { width, height, data: new Uint8Array(drawn.buffer, drawn.byteOffset, drawn.byteLength) };
}

/** The overlay as SVG text, for images that are shown rather than written. */
export function annotationSvg(
  width: number,
  height: number,
  boxes: readonly AnnotatedBox[],
  lineWidth: number,
): string {
  const shapes = boxes.map((box) => boxSvg(box, width, height, lineWidth)).join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${shapes}</svg>`;
}

function boxSvg(
  { box, label, color }: AnnotatedBox,
  width: number,
  height: number,
  lineWidth: number,
): string {
  const [x1, y1, x2, y2] = box.map((value) => Math.round(value * 10) / 10) as [
    number,
    number,
    number,
    number,
  ];
  const frame = `<rect x="${x1}" y="${y1}" width="${Math.max(0, x2 - x1)}" height="${Math.max(0, y2 - y1)}" fill="none" stroke="${escapeXml(color)}" stroke-width="${lineWidth}"/>`;
  if (!label) return frame;
  const size = Math.max(MIN_FONT_SIZE, Math.round(lineWidth * FONT_SCALE));
  // Sans-serif letters are at most about 0.62 em wide on average; the text is squeezed into the tag if they are wider.
  const textWidth = Math.ceil([...label].length * size * 0.62);
  const tagWidth = textWidth + size * 0.5;
  const tagHeight = Math.ceil(size * 1.3);
  const left = Math.max(0, Math.min(x1 - lineWidth / 2, width - tagWidth));
  const above = y1 - tagHeight >= 0;
  const top = above ? y1 - tagHeight : Math.max(0, Math.min(y1, height - tagHeight));
  return `${frame}<rect x="${left}" y="${top}" width="${tagWidth}" height="${tagHeight}" fill="${escapeXml(color)}"/><text x="${left + size * 0.25}" y="${top + size}" font-family="DejaVu Sans, Helvetica, Arial, sans-serif" font-size="${size}" textLength="${textWidth}" lengthAdjust="spacingAndGlyphs" fill="${textColor(color)}">${escapeXml(label)}</text>`;
}

function escapeXml(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&apos;',
  };
  // Control characters are not allowed in XML at all.
  return [...text]
    .filter((character) => character >= ' ')
    .map((character) => entities[character] ?? character)
    .join('');
}

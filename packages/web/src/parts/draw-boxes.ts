/** Draws boxes on a canvas that lies over a picture. */
import type { Corners } from '../library/types.js';
import { textOn } from '../player/contrast.js';

export interface ShownBox {
  readonly box: Corners;
  readonly name: string;
  readonly color: string;
  readonly confidence?: number;
  /** Dashed and without a name: a label beside what was found. */
  readonly isLabel?: boolean;
}

interface Boxes {
  /** Size of the picture, in whose pixels boxes are given. */
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly ShownBox[];
}

/** CSS pixels. */
const LINE = 2;
const TEXT = 11.5;
const TAG = { height: 16, padding: 4 };
const DASHES = [6, 4];
/** With more boxes than this, tags wider than their boxes are left out: they would hide the picture. */
const MANY = 15;

/** @param size of the canvas on the screen, in CSS pixels */
export function drawBoxes(
  canvas: HTMLCanvasElement,
  size: { readonly width: number; readonly height: number },
  { width, height, boxes }: Boxes,
): void {
  const context = canvas.getContext('2d');
  if (!context || size.width === 0) return;
  const ratio = window.devicePixelRatio;
  canvas.width = Math.round(size.width * ratio);
  canvas.height = Math.round(size.height * ratio);
  context.scale(ratio, ratio);
  context.font = `600 ${TEXT}px system-ui, sans-serif`;
  context.textBaseline = 'middle';
  const [across, down] = [size.width / width, size.height / height];
  const isFull = boxes.filter(({ isLabel }) => !isLabel).length > MANY;
  for (const one of boxes) {
    const [x1, y1, x2, y2] = one.box;
    const placed = { left: x1 * across, top: y1 * down, wide: (x2 - x1) * across, high: (y2 - y1) * down };
    drawOutline(context, placed, one);
    if (!one.isLabel) drawTag(context, placed, one, isFull);
  }
}

interface Placed {
  readonly left: number;
  readonly top: number;
  readonly wide: number;
  readonly high: number;
}

/** Draws detections with a dark edge, so that they are visible on any picture. */
function drawOutline(
  context: CanvasRenderingContext2D,
  { left, top, wide, high }: Placed,
  { color, isLabel }: ShownBox,
): void {
  context.setLineDash(isLabel ? DASHES : []);
  if (!isLabel) {
    context.lineWidth = LINE + 2;
    context.strokeStyle = 'rgb(0 0 0 / 45%)';
    context.strokeRect(left, top, wide, high);
  }
  context.lineWidth = LINE;
  context.strokeStyle = color;
  context.strokeRect(left, top, wide, high);
}

/** The tag lies above its box, or within where there is no room. */
function drawTag(
  context: CanvasRenderingContext2D,
  { left, top, wide }: Placed,
  { name, color, confidence }: ShownBox,
  isFull: boolean,
): void {
  const text = `${name} ${confidence?.toFixed(2) ?? ''}`.trim();
  const width = context.measureText(text).width + 2 * TAG.padding;
  if (isFull && width > wide) return;
  const at = { x: left - LINE / 2, y: top < TAG.height ? top : top - TAG.height };
  context.fillStyle = color;
  context.fillRect(at.x, at.y, width, TAG.height);
  context.fillStyle = textOn(color);
  context.fillText(text, at.x + TAG.padding, at.y + TAG.height / 2 + 0.5);
}

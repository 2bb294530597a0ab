import { textOn } from './contrast.js';
import type { Found } from './detections.js';

export interface Drawn {
  readonly source: CanvasImageSource;
  readonly width: number;
  readonly height: number;
  readonly found: readonly Found[];
  readonly classes: readonly { readonly name: string; readonly color: string }[];
}

/** Draws a picture and what was found in it. */
export function draw(canvas: HTMLCanvasElement, { source, width, height, found, classes }: Drawn): void {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (!context) return;
  context.drawImage(source, 0, 0, width, height);
  const line = Math.max(2, Math.round(Math.max(width, height) / 300));
  context.font = `600 ${line * 7}px system-ui, sans-serif`;
  context.textBaseline = 'bottom';
  for (const { classId, confidence, box } of found) {
    const { name = '', color = '#0b62bb' } = classes[classId] ?? {};
    const [x1, y1, x2, y2] = box;
    context.lineWidth = line;
    context.strokeStyle = color;
    context.strokeRect(x1, y1, x2 - x1, y2 - y1);
    const text = `${name} ${confidence.toFixed(2)}`;
    const bottom = Math.max(y1, line * 9);
    context.fillStyle = color;
    context.fillRect(x1, bottom - line * 9, context.measureText(text).width + 4 * line, line * 9);
    context.fillStyle = textOn(color);
    context.fillText(text, x1 + 2 * line, bottom);
  }
}

import { LABEL_COLUMNS, type Labels } from '../labels.js';

/** Rows of `[class, x1, y1, x2, y2]` in pixels. */
export type PixelBoxes = Float32Array;

/** Normalized center boxes to pixel corners in an image of `width` x `height` that is shifted by (`dx`, `dy`). */
export function toPixels(labels: Labels, width: number, height: number, dx = 0, dy = 0): PixelBoxes {
  const out = new Float32Array(labels.length);
  for (let i = 0; i < labels.length; i += LABEL_COLUMNS) {
    const [cx, cy, w, h] = [labels[i + 1], labels[i + 2], labels[i + 3], labels[i + 4]];
    out[i] = labels[i];
    out[i + 1] = width * (cx - w / 2) + dx;
    out[i + 2] = height * (cy - h / 2) + dy;
    out[i + 3] = width * (cx + w / 2) + dx;
    out[i + 4] = height * (cy + h / 2) + dy;
  }
  return out;
}

/** Pixel corners to normalized center boxes, cut to just inside the image (0.001 px) so that none touches 1. */
export function toNormalized(boxes: PixelBoxes, width: number, height: number): Labels {
  const inside = clip(boxes, width - 1e-3, height - 1e-3);
  const out = new Float32Array(boxes.length);
  for (let i = 0; i < boxes.length; i += LABEL_COLUMNS) {
    const [x1, y1, x2, y2] = [inside[i + 1], inside[i + 2], inside[i + 3], inside[i + 4]];
    out[i] = inside[i];
    out[i + 1] = (x1 + x2) / 2 / width;
    out[i + 2] = (y1 + y2) / 2 / height;
    out[i + 3] = (x2 - x1) / width;
    out[i + 4] = (y2 - y1) / height;
  }
  return out;
}

/** Clips boxes to 0..width, 0..height. */
export function clip(boxes: PixelBoxes, width: number, height: number): PixelBoxes {
  return boxes.map((value, i) => {
    const column = i % LABEL_COLUMNS;
    return column === 0 ? value : Math.min(Math.max(value, 0), column % 2 === 1 ? width : height);
  });
}

/** Joins the rows of several arrays. */
export function concatBoxes(parts: readonly PixelBoxes[]): PixelBoxes {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

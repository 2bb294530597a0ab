import type { Batch } from '@froyolo/data';

const BOXES_PER_IMAGE = 10;

/** Noise for pixels, and boxes of several sizes spread over each image: the same every time. */
export function syntheticBatch(size: number, imgsz: number, numClasses: number): Batch {
  const images = new Uint8Array(size * 3 * imgsz ** 2);
  for (let i = 0; i < images.length; i++) images[i] = Math.imul(i, 2654435761) >>> 24;
  const targets = new Float32Array(size * BOXES_PER_IMAGE * 6);
  for (let i = 0; i < size * BOXES_PER_IMAGE; i++) {
    const spread = (step: number) => (i * step) % 1;
    const [cx, cy] = [0.2 + 0.6 * spread(0.618), 0.2 + 0.6 * spread(0.414)];
    const [w, h] = [0.05 + 0.2 * spread(0.73), 0.05 + 0.2 * spread(0.27)];
    targets.set([Math.floor(i / BOXES_PER_IMAGE), i % numClasses, cx, cy, w, h], i * 6);
  }
  return { images, shape: [size, 3, imgsz, imgsz], targets, paths: [], meta: [] };
}

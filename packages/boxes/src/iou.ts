/**
 * The family of intersection over union: GIoU (Rezatofighi et al., 2019), DIoU and CIoU (Zheng et al., 2020), and the
 * plain one between every pair of two sets.
 */

const EPS = 1e-7;

export type IouKind = 'iou' | 'giou' | 'diou' | 'ciou';

/** Center x, y, width and height. */
export type Xywh = readonly [x: number, y: number, width: number, height: number];

/** Overlap of two boxes given by center and size. At most 1; from 0 for `iou`, from -1 or a little below for the others. */
export function boxIou(a: Xywh, b: Xywh, kind: IouKind = 'iou'): number {
  const [x, y] = [0, 1].map((axis) => extents(a, b, axis));
  const intersection = Math.max(x.overlap, 0) * Math.max(y.overlap, 0);
  const union = a[2] * a[3] + b[2] * b[3] - intersection + EPS;
  const iou = intersection / union;
  if (kind === 'iou') return iou;
  if (kind === 'giou') {
    const hull = x.hull * y.hull + EPS;
    return iou - (hull - union) / hull;
  }
  const distance = ((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) / (x.hull ** 2 + y.hull ** 2 + EPS);
  if (kind === 'diou') return iou - distance;
  const aspect = (4 / Math.PI ** 2) * (diagonalAngle(b) - diagonalAngle(a)) ** 2;
  return iou - distance - (aspect * aspect) / (aspect - iou + 1 + EPS);
}

/** Along one axis: how far two boxes overlap (negative where they don't), and the length that holds both. */
function extents(a: Xywh, b: Xywh, axis: number): { overlap: number; hull: number } {
  const [aLow, aHigh] = [a[axis] - a[axis + 2] / 2, a[axis] + a[axis + 2] / 2];
  const [bLow, bHigh] = [b[axis] - b[axis + 2] / 2, b[axis] + b[axis + 2] / 2];
  return {
    overlap: Math.min(aHigh, bHigh) - Math.max(aLow, bLow),
    hull: Math.max(aHigh, bHigh) - Math.min(aLow, bLow),
  };
}

/** atan2 is defined for an empty box too. */
const diagonalAngle = (box: Xywh) => Math.atan2(box[2], box[3]);

/**
 * IoU of every pair.
 * @param a corner rows, `[n, 4]`
 * @param b corner rows, `[m, 4]`
 * @returns `[n, m]`
 */
export function pairwiseIou(a: ArrayLike<number>, b: ArrayLike<number>): Float32Array {
  const [n, m] = [a.length / 4, b.length / 4];
  const result = new Float32Array(n * m);
  for (let i = 0; i < n; i++) {
    const [x1, y1, x2, y2] = [a[4 * i], a[4 * i + 1], a[4 * i + 2], a[4 * i + 3]];
    const area = (x2 - x1) * (y2 - y1);
    for (let j = 0; j < m; j++) {
      const width = Math.min(x2, b[4 * j + 2]) - Math.max(x1, b[4 * j]);
      const height = Math.min(y2, b[4 * j + 3]) - Math.max(y1, b[4 * j + 1]);
      const intersection = Math.max(width, 0) * Math.max(height, 0);
      const otherArea = (b[4 * j + 2] - b[4 * j]) * (b[4 * j + 3] - b[4 * j + 1]);
      result[i * m + j] = intersection / (area + otherArea - intersection + EPS);
    }
  }
  return result;
}

/** Boxes on the host: flat arrays of rows, in float32 as frameworks compute them. */

const f = Math.fround;

/** Rows of center x, y, width, height to rows of corners x1, y1, x2, y2. */
export function xywhToXyxy(boxes: ArrayLike<number>): Float32Array {
  const corners = new Float32Array(boxes.length);
  for (let at = 0; at < boxes.length; at += 4) {
    const [halfWidth, halfHeight] = [f(boxes[at + 2] / 2), f(boxes[at + 3] / 2)];
    corners[at] = boxes[at] - halfWidth;
    corners[at + 1] = boxes[at + 1] - halfHeight;
    corners[at + 2] = boxes[at] + halfWidth;
    corners[at + 3] = boxes[at + 1] + halfHeight;
  }
  return corners;
}

/** How an image was fitted into the one that the network saw. */
export interface Fit {
  /** Scale of height and width, fitted over original. */
  readonly ratio: readonly [rh: number, rw: number];
  /** Border left and above in pixels of the fitted image, not rounded. */
  readonly pad: readonly [left: number, top: number];
  /** Size of the original image in pixels. */
  readonly originalShape: readonly [height: number, width: number];
}

/**
 * The fit that an image of some size has in a letterboxed one: scaled alike along both axes, in the middle. The scaled
 * image has fractions of a pixel here, as it does where YOLOv5 maps boxes back, though none were drawn.
 */
export function fitInto(
  fitted: { readonly width: number; readonly height: number },
  original: { readonly width: number; readonly height: number },
): Fit {
  const ratio = Math.min(fitted.height / original.height, fitted.width / original.width);
  const border = (side: 'width' | 'height') => (fitted[side] - original[side] * ratio) / 2;
  return {
    ratio: [ratio, ratio],
    pad: [border('width'), border('height')],
    originalShape: [original.height, original.width],
  };
}

/** Corner rows in pixels of a letterboxed image to pixels of the original, clipped to it. */
export function scaleBoxes(boxes: ArrayLike<number>, { ratio, pad, originalShape }: Fit): Float32Array {
  const [rh, rw] = ratio;
  const scaled = Float32Array.from(boxes, (value, i) => (value - pad[i % 2]) / (i % 2 === 0 ? rw : rh));
  return clipBoxes(scaled, originalShape);
}

/** Clips corner rows to an image, in place, and returns them. */
export function clipBoxes(
  boxes: Float32Array,
  [height, width]: readonly [height: number, width: number],
): Float32Array {
  for (let i = 0; i < boxes.length; i++)
    boxes[i] = Math.min(Math.max(boxes[i], 0), i % 2 === 0 ? width : height);
  return boxes;
}

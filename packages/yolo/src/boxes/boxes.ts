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

/** Rows of corners x1, y1, x2, y2 to rows of center x, y, width, height. */
export function xyxyToXywh(boxes: ArrayLike<number>): Float32Array {
  const centered = new Float32Array(boxes.length);
  for (let at = 0; at < boxes.length; at += 4) {
    centered[at] = f(boxes[at] + boxes[at + 2]) / 2;
    centered[at + 1] = f(boxes[at + 1] + boxes[at + 3]) / 2;
    centered[at + 2] = boxes[at + 2] - boxes[at];
    centered[at + 3] = boxes[at + 3] - boxes[at + 1];
  }
  return centered;
}

/** How an image was fitted into the one that the network saw. */
export interface Fit {
  /** Horizontal and vertical scale, fitted over original. */
  readonly ratio: readonly [x: number, y: number];
  /** Pixels of border left and above, in the fitted image. */
  readonly pad: readonly [left: number, top: number];
  /** Size of the original image in pixels. */
  readonly originalShape: readonly [height: number, width: number];
}

/** Corner rows in pixels of a letterboxed image to pixels of the original, clipped to it. */
export function scaleBoxes(boxes: ArrayLike<number>, { ratio, pad, originalShape }: Fit): Float32Array {
  const scaled = Float32Array.from(boxes, (value, i) => (value - pad[i % 2]) / ratio[i % 2]);
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

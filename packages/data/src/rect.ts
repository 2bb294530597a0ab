/** Batches of images with similar aspect ratios and the smallest shape that holds each batch. */
export interface RectPlan {
  /** Image indices of each batch. */
  batches: number[][];
  /** `[height, width]` of each batch. */
  shapes: [number, number][];
}

/**
 * Sorts images by aspect ratio (height / width), cuts the order into batches and gives each the shape
 * `ceil(shape * imgsz / stride + pad) * stride`, where `shape` is 1 for the long side.
 */
export function planRect(
  sizes: readonly { width: number; height: number }[],
  options: { imgsz: number; batchSize: number; stride: number; pad: number },
): RectPlan {
  const ratio = (index: number) => sizes[index].height / sizes[index].width;
  const order = sizes.map((_, index) => index).sort((a, b) => ratio(a) - ratio(b) || a - b);
  const batches = chunk(order, options.batchSize);
  const shapes = batches.map((batch): [number, number] => {
    const least = ratio(batch[0]);
    const most = ratio(batch[batch.length - 1]);
    const [h, w] = most < 1 ? [most, 1] : least > 1 ? [1, 1 / least] : [1, 1];
    const side = (x: number) =>
      Math.ceil((x * options.imgsz) / options.stride + options.pad) * options.stride;
    return [side(h), side(w)];
  });
  return { batches, shapes };
}

/** Cuts `items` into pieces of `size`; the last may be shorter. */
export function chunk<T>(items: readonly T[], size: number): T[][] {
  const pieces: T[][] = [];
  for (let i = 0; i < items.length; i += size) pieces.push(items.slice(i, i + size));
  return pieces;
}

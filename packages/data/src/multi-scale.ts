/**
 * Image sizes of multi-scale training: from half to one and a half times `imgsz`, multiples of the largest stride, at
 * most `count`, evenly spread, `imgsz` among them. They are few because each one costs a compiled program and its memory.
 * @param imgsz a multiple of `stride`
 */
export function multiScaleSizes(imgsz: number, stride: number, count = 5): number[] {
  const half = Math.floor(imgsz / 2 / stride);
  const steps = Math.min(half, Math.floor((count - 1) / 2));
  const offsets = Array.from({ length: 2 * steps + 1 }, (_, i) =>
    Math.round(((i - steps) / steps || 0) * half),
  );
  return offsets.map((offset) => imgsz + offset * stride).filter((size) => size > 0);
}

/** `[height, width]` scaled so that the long side is about `size`, rounded up to multiples of `stride`. */
export function scaledShape(
  [height, width]: readonly [number, number],
  size: number,
  stride: number,
): [height: number, width: number] {
  const scale = size / Math.max(height, width);
  const side = (length: number) => Math.ceil((length * scale) / stride) * stride;
  return [side(height), side(width)];
}

import type { Detection } from '@froyolo/yolo';

/** Intersection over union of two boxes `x1, y1, x2, y2`. */
export function iou(a: Detection['box'], b: readonly number[]): number {
  const side = (k: number) => Math.max(0, Math.min(a[k + 2]!, b[k + 2]!) - Math.max(a[k]!, b[k]!));
  const area = ([x1, y1, x2, y2]: readonly number[]) => (x2! - x1!) * (y2! - y1!);
  const both = side(0) * side(1);
  return both / (area(a) + area(b) - both);
}

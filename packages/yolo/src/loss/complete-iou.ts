/** Complete IoU (Zheng et al., 2020) as graph ops, for the box loss. */
import { type Node, ops } from '@froyolo/core';

const { add, atan, div, maximum, minimum, mul, reduceSum, slice, square, stopGradient, sub } = ops;

const EPS = 1e-7;

const lastAxis = ({ shape }: Node) => shape.length - 1;
/** Column of a `[…, D]` node, as `[…, 1]`. */
const column = (x: Node, index: number) => slice(x, lastAxis(x), index, index + 1);
/** Product and sum of squares of the two columns of `[…, 2]`, as `[…, 1]`. */
const area = (wh: Node) => mul(column(wh, 0), column(wh, 1));
const squaredLength = (xy: Node) => reduceSum(square(xy), [lastAxis(xy)], true);

/** Angle of the diagonal against the vertical; a height that underflowed to 0 must not give 0 / 0. */
const diagonalAngle = (wh: Node) => atan(div(column(wh, 0), add(column(wh, 1), EPS)));

export interface BoxNodes {
  /** Center `[…, 2]`. */
  readonly xy: Node;
  /** Width and height `[…, 2]`. */
  readonly wh: Node;
}

/** CIoU of boxes row by row, `[…, 1]`, in (-1.5, 1]. The aspect term's weight is a constant for the gradient, by definition. */
export function completeIou(a: BoxNodes, b: BoxNodes): Node {
  const [aHalf, bHalf] = [mul(a.wh, 0.5), mul(b.wh, 0.5)];
  const [aLow, aHigh] = [sub(a.xy, aHalf), add(a.xy, aHalf)];
  const [bLow, bHigh] = [sub(b.xy, bHalf), add(b.xy, bHalf)];
  const intersection = area(maximum(sub(minimum(aHigh, bHigh), maximum(aLow, bLow)), 0));
  const union = add(sub(add(area(a.wh), area(b.wh)), intersection), EPS);
  const iou = div(intersection, union);
  const enclosing = sub(maximum(aHigh, bHigh), minimum(aLow, bLow));
  const distance = div(squaredLength(sub(b.xy, a.xy)), add(squaredLength(enclosing), EPS));
  const aspect = mul(square(sub(diagonalAngle(b.wh), diagonalAngle(a.wh))), 4 / Math.PI ** 2);
  const weight = stopGradient(div(aspect, add(sub(aspect, iou), 1 + EPS)));
  return sub(iou, add(distance, mul(aspect, weight)));
}

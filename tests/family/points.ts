/**
 * A family of another kind than YOLOv5, as an example and as the proof that there is one place for it: without anchors and
 * objectness, on one level; every cell in the middle of an object predicts its box and class. Two terms in its loss.
 */

import { nonMaxSuppression } from '@froyolo/boxes';
import { bceWithLogits, constant, input, type Node, ops, type Tensor, tensor } from '@froyolo/core';
import { type Batch, countRows, LABEL_ROW, TARGET_ROW } from '@froyolo/data';
import { type HeadModule, type Model, outputConv } from '@froyolo/model-yaml';
import { completeIou, type Family, type LossSettings } from '@froyolo/yolo';

/** Values of a cell before its classes: offset of the center, logarithms of width and height. */
const BOX = 4;
/** A size of 1 before its exponent, in cells. */
const USUAL_SIZE = 2;
/** Largest exponent: e⁴ times the usual size. */
const MOST = 4;
/** Cells this close to the center of a box, in parts of its sides, answer for it. */
const MIDDLE = 0.25;
/** What a class is taken to be worth before anything is learned. */
const PRIOR = 0.02;

const HEAD: HeadModule = {
  name: 'Points',
  type: 'toy.Points',
  build({ scope, inputs, args, spec }) {
    const [channels, ...others] = inputs;
    if (channels === undefined || others.length > 0) throw args.error('reads one level');
    const outChannels = BOX + spec.numClasses;
    const forward = outputConv(scope.child('conv'), channels, outChannels);
    return { outChannels, args: [spec.numClasses], forward: (xs, run) => xs.map((x) => forward(x, run)) };
  },
  initialize(values, { prefix }) {
    values.get(`${prefix}.conv.bias`)?.data.fill(Math.log(PRIOR / (1 - PRIOR)), BOX);
  },
};

export const points: Family = {
  name: 'points',
  head: HEAD,
  lossTerms: ['box', 'cls'],
  labelRow: LABEL_ROW,
  assign,
  loss,
  decode,
  suppress: (predictions, options) => nonMaxSuppression(predictions, { classes: BOX }, options),
};

/** Rows and columns of the grid, and pixels per cell. */
function gridOf({ shape }: Pick<Batch, 'shape'>, { strides }: Model) {
  const [stride = 1] = strides;
  return { rows: shape[2] / stride, columns: shape[3] / stride };
}

/** Writes every target into the cells of its middle; of two in one cell the later counts. */
function assign(batch: Pick<Batch, 'shape' | 'targets'>, model: Model): Record<string, Tensor> {
  const { rows, columns } = gridOf(batch, model);
  const [images] = batch.shape;
  const cells = images * rows * columns;
  const boxes = new Float32Array(cells * 4).fill(1);
  const matched = new Float32Array(cells);
  const classes = new Float32Array(cells * model.numClasses);
  for (let i = 0; i < countRows(batch.targets, TARGET_ROW); i++) {
    const target = batch.targets.subarray(i * TARGET_ROW.width, (i + 1) * TARGET_ROW.width);
    const [image = 0, cls = 0, cx = 0, cy = 0, w = 0, h = 0] = target;
    const box = [cx * columns, cy * rows, w * columns, h * rows] as const;
    for (const [row, column] of middleOf(box, rows, columns)) {
      const cell = (image * rows + row) * columns + column;
      boxes.set([box[0] - column, box[1] - row, box[2], box[3]], cell * 4);
      matched[cell] = 1;
      classes.fill(0, cell * model.numClasses, (cell + 1) * model.numClasses);
      classes[cell * model.numClasses + cls] = 1;
    }
  }
  const share =
    1 /
    Math.max(
      matched.reduce((sum, one) => sum + one, 0),
      1,
    );
  return {
    'points.boxes': tensor(boxes, [images, rows, columns, 4]),
    'points.weight': tensor(
      matched.map((one) => one * share),
      [images, rows, columns, 1],
    ),
    'points.classes': tensor(classes, [images, rows, columns, model.numClasses]),
    'points.share': tensor([share], [1]),
  };
}

/** The cell of the center, and those near it. */
function middleOf([x, y, w, h]: readonly [number, number, number, number], rows: number, columns: number) {
  const near = (center: number, side: number, cell: number) =>
    Math.floor(center) === cell || Math.abs(cell + 0.5 - center) < MIDDLE * side;
  const range = (count: number) => Array.from({ length: count }, (_, i) => i);
  return range(rows)
    .filter((row) => near(y, h, row))
    .flatMap((row) =>
      range(columns)
        .filter((column) => near(x, w, column))
        .map((column) => [row, column] as const),
    );
}

const part = (values: Node, start: number, end: number) => ops.slice(values, 3, start, end);

/** `[N, rows, columns, 4 + classes]` from the head's `[N, 4 + classes, rows, columns]`. */
const byCell = (head: Node) => ops.transpose(head, [0, 2, 3, 1]);

/** Boxes in cells, the center relative to the cell's corner. */
function boxesOf(values: Node) {
  return {
    xy: ops.add(part(values, 0, 2), 0.5),
    wh: ops.mul(ops.exp(ops.clip(part(values, 2, BOX), -MOST, MOST)), USUAL_SIZE),
  };
}

function loss([head]: readonly Node[], { numClasses }: Model, { hyp }: LossSettings): Record<string, Node> {
  if (!head) throw new RangeError('no level');
  const [batch = 'batch', , rows = 0, columns = 0] = head.shape;
  const feed = (what: string, values: number) => input(`points.${what}`, [batch, rows, columns, values]);
  const values = byCell(head);
  const boxes = feed('boxes', 4);
  const iou = completeIou(boxesOf(values), { xy: part(boxes, 0, 2), wh: part(boxes, 2, 4) });
  const box = ops.reduceSum(ops.mul(ops.sub(1, iou), feed('weight', 1)));
  const logits = part(values, BOX, BOX + numClasses);
  const bce = bceWithLogits(logits, feed('classes', numClasses), { positiveWeight: 1, focalGamma: 0 });
  const cls = ops.reduceSum(ops.mul(ops.reduceSum(bce), input('points.share', [1])));
  return { box: ops.mul(box, hyp.box), cls: ops.mul(cls, hyp.cls) };
}

function decode([head]: readonly Node[], { strides: [stride = 1], numClasses }: Model): Node {
  if (!head) throw new RangeError('no level');
  const [batch = 'batch', , rows, columns] = head.shape;
  const [height, width] = [Number(rows), Number(columns)];
  const values = byCell(head);
  const { xy, wh } = boxesOf(values);
  const corner = Float32Array.from({ length: height * width * 2 }, (_, i) =>
    i % 2 === 0 ? (i >> 1) % width : Math.floor((i >> 1) / width),
  );
  const center = ops.add(xy, constant(tensor(corner, [1, height, width, 2])));
  const scores = ops.sigmoid(part(values, BOX, BOX + numClasses));
  const decoded = ops.concat([ops.mul(center, stride), ops.mul(wh, stride), scores], 3);
  return ops.reshape(decoded, [batch, height * width, BOX + numClasses]);
}

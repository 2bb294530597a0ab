/**
 * The terms of YOLOv5's loss: CIoU of the matched boxes, objectness of every cell towards that IoU, classes of the matched
 * cells. A term is an entry of this table; logs, results and charts follow its names.
 */
import {
  type BceOptions,
  backgroundBce,
  bceWithLogits,
  constant,
  type Node,
  ops,
  tensor,
} from '@froyolo/core';
import type { Hyperparameters } from '@froyolo/data';
import { CLASSES, OBJECTNESS } from './layout.js';
import type { LossFeeds } from './loss-inputs.js';

/** What gains scale with. */
export interface Network {
  readonly numLevels: number;
  readonly numClasses: number;
  /** Anchors per level. */
  readonly numAnchors: number;
  /** Side of the training images in pixels. */
  readonly imgsz: number;
}

/** What a term is computed from. */
export interface LossContext extends Network {
  readonly hyp: Hyperparameters;
  /** Raw outputs per level, `[N, anchors · (5 + classes), height, width]`. */
  readonly heads: readonly Node[];
  /** Values of the matched predictions, `[levels, matches, 5 + classes]`. */
  readonly matched: Node;
  /** Boxes of the matched predictions in grid units: center relative to the cell, and size, `[levels, matches, 2]` each. */
  readonly predicted: { readonly xy: Node; readonly wh: Node };
  /** CIoU of the matched predictions with their targets, `[levels, matches, 1]`. */
  readonly iou: Node;
  /** An input of the loss: what matched predictions are compared with. */
  feed(what: keyof LossFeeds): Node;
  /** Sum over levels of the mean over a level's matches: of `[levels, matches, …]`, `[]`. */
  mean(x: Node): Node;
}

export interface LossTerm {
  /** Gains of a hyperparameter file hold for 3 levels, 80 classes and 640 pixels; this one holds for the network. */
  gain(hyp: Hyperparameters, network: Network): number;
  /** Before the gain, `[]`. */
  value(context: LossContext): Node;
}

export const LOSS_TERMS = {
  box: {
    gain: ({ box }, network) => box * perLevel(network),
    value: ({ mean, iou }) => mean(ops.sub(1, iou)),
  },
  obj: {
    gain: ({ obj }, network) => obj * (network.imgsz / 640) ** 2 * perLevel(network),
    value: objectness,
  },
  cls: {
    gain: ({ cls, cls_one = 0 }, network) =>
      ((network.numClasses > 1 ? cls : cls_one) * perLevel(network)) / 80,
    value: classification,
  },
} satisfies Record<string, LossTerm>;

const perLevel = ({ numLevels }: Network) => 3 / numLevels;

const bceOptions = (positiveWeight: number, { fl_gamma }: Hyperparameters): BceOptions => ({
  positiveWeight,
  focalGamma: fl_gamma,
});

/** Some of the values of `[levels, matches, values]`. */
export const columns = (x: Node, start: number, end: number) => ops.slice(x, 2, start, end);

/** Summed over classes. One class needs no telling apart. */
function classification({ numClasses, matched, hyp, feed, mean }: LossContext): Node {
  if (numClasses === 1 && !hyp.cls_one) return ops.mul(ops.reduceSum(feed('weight')), 0);
  const logits = columns(matched, CLASSES, CLASSES + numClasses);
  return mean(bceWithLogits(logits, feed('classes'), bceOptions(hyp.cls_pw, hyp)));
}

/** Weight of each level's objectness: small grids have few cells. */
const THREE_LEVELS = [4, 1, 0.4];
const MORE_LEVELS = [4, 1, 0.25, 0.06, 0.02];

/**
 * Mean over all cells of a level, times its balance: each cell is counted as background, then the few with a target
 * (the IoU of the prediction there) are put right. So the target of every cell need not be written out.
 */
function objectness({ heads, matched, iou, numAnchors, hyp, feed }: LossContext): Node {
  const options = bceOptions(hyp.obj_pw, hyp);
  const balance = heads.length === 3 ? THREE_LEVELS : MORE_LEVELS;
  const cellsOf = ({ shape }: Node) => Number(shape[2]) * Number(shape[3]);
  const shares = heads.map((head, level) => balance[level] / (numAnchors * cellsOf(head)));
  const perCell = constantOf(heads.flatMap((head, level) => new Array(cellsOf(head)).fill(shares[level])));
  const shareOfLevel = constantOf(shares, [heads.length, 1, 1]);
  const all = ops.concat(
    heads.map((head) => objectnessLogits(head, numAnchors)),
    3,
  );
  const logits = columns(matched, OBJECTNESS, OBJECTNESS + 1);
  const target = ops.stopGradient(ops.maximum(iou, 0));
  const change = ops.sub(bceWithLogits(logits, target, options), backgroundBce(logits, options));
  const total = ops.add(
    ops.reduceSum(ops.mul(backgroundBce(all, options), perCell)),
    ops.reduceSum(ops.mul(ops.mul(change, feed('owner')), shareOfLevel)),
  );
  return ops.div(total, ops.size(heads[0], [0]));
}

const constantOf = (values: readonly number[], shape: readonly number[] = [values.length]) =>
  constant(tensor(values, shape));

/** Objectness logits of a level's cells, `[N, anchors, 1, cells]`. */
function objectnessLogits(head: Node, numAnchors: number): Node {
  const [batch, channels, height, width] = head.shape;
  const values = Number(channels) / numAnchors;
  const cells = Number(height) * Number(width);
  const perAnchor = ops.reshape(head, [batch, numAnchors, values, cells]);
  return ops.slice(perAnchor, 2, OBJECTNESS, OBJECTNESS + 1);
}

/**
 * The detection loss as graph ops: CIoU of the matched boxes, objectness of every cell towards that IoU, classes of
 * the matched cells. The assignment is made on the host (`assign/`) and arrives as index inputs (`loss-inputs.ts`).
 */
import { constant, input, type Node, ops, tensor } from '@froyolo/core';
import { type BceOptions, backgroundBce, bceWithLogits } from './bce.js';
import { completeIou } from './iou-graph.js';
import { type LossFeeds, lossInputName } from './loss-inputs.js';

/** The hyperparameters that the loss reads: gains, weights of positives, focal γ. */
export interface LossHyp {
  readonly box: number;
  readonly obj: number;
  readonly cls: number;
  readonly objPw: number;
  readonly clsPw: number;
  readonly flGamma: number;
}

export interface YoloLossOptions {
  readonly numClasses: number;
  /** Anchors per level. */
  readonly numAnchors: number;
  /** With gains already scaled to the network (`scaledGains`). */
  readonly hyp: LossHyp;
}

export interface YoloLoss {
  /** What is minimized: the sum of the three, times the batch size. Shape `[]`. */
  readonly loss: Node;
  /** The three parts, each times its gain. */
  readonly box: Node;
  readonly obj: Node;
  readonly cls: Node;
}

/** Weight of each level's objectness: small grids have few cells. */
const THREE_LEVELS = [4, 1, 0.4];
const MORE_LEVELS = [4, 1, 0.25, 0.06, 0.02];

/** Gains of a hyperparameter file hold for 3 levels, 80 classes and 640 pixels; these hold for the network at hand. */
export function scaledGains(
  hyp: LossHyp,
  { numLevels, numClasses, imgsz }: { numLevels: number; numClasses: number; imgsz: number },
): LossHyp {
  const perLevel = 3 / numLevels;
  return {
    ...hyp,
    box: hyp.box * perLevel,
    cls: hyp.cls * (numClasses / 80) * perLevel,
    obj: hyp.obj * (imgsz / 640) ** 2 * perLevel,
  };
}

/**
 * @param heads raw outputs per level, `[N, anchors · (5 + classes), height, width]`
 * @returns scalars; their inputs are fed by `lossInputs`
 */
export function yoloLoss(heads: readonly Node[], options: YoloLossOptions): YoloLoss {
  const { hyp, numClasses } = options;
  const values = 5 + numClasses;
  const feed = (what: keyof LossFeeds, columns: number, dtype?: 'int32') =>
    input(lossInputName(what), [heads.length, MATCHES, columns], dtype);
  const matched = matchedPredictions(heads, feed('index', values, 'int32'), values);
  const weight = feed('weight', 1);
  const weighted = (x: Node) => ops.reduceSum(ops.mul(x, weight));
  const iou = matchedIou(matched, feed('box', 4), feed('anchor', 2));
  const box = ops.mul(weighted(ops.sub(1, iou)), hyp.box);
  const logits = columns(matched, 4, 5);
  const obj = ops.mul(objectnessLoss(heads, { logits, iou, owner: feed('owner', 1) }, options), hyp.obj);
  const cls = numClasses === 1 ? ops.mul(box, 0) : classLoss();
  const loss = ops.mul(ops.add(ops.add(box, obj), cls), ops.size(heads[0]!, [0]));
  return { loss, box, obj, cls };

  function classLoss(): Node {
    const bce = bceWithLogits(
      columns(matched, 5, values),
      feed('classes', numClasses),
      bceOptions(hyp.clsPw, hyp),
    );
    return ops.mul(weighted(bce), hyp.cls / numClasses);
  }
}

/** Rows of each level's feeds. */
const MATCHES = 'matches';

const bceOptions = (positiveWeight: number, { flGamma }: LossHyp): BceOptions => ({
  positiveWeight,
  focalGamma: flGamma,
});

/** Some of the values of `[levels, matches, values]`. */
const columns = (x: Node, start: number, end: number) => ops.slice(x, 2, start, end);

/** `[levels, matches, 5 + classes]`: only the matched cells are read, heads are never transposed. */
function matchedPredictions(heads: readonly Node[], index: Node, values: number): Node {
  const levels = heads.map((head, level) => {
    const rows = ops.reshape(ops.slice(index, 0, level, level + 1), [-1]);
    return ops.reshape(ops.gatherRows(ops.reshape(head, [-1, 1]), rows), [1, MATCHES, values]);
  });
  return ops.concat(levels, 0);
}

/** Boxes come out as 2σ − ½ around the cell and (2σ)² times the anchor, in grid units. */
function matchedIou(matched: Node, box: Node, anchor: Node): Node {
  const xy = ops.sub(ops.mul(ops.sigmoid(columns(matched, 0, 2)), 2), 0.5);
  const wh = ops.mul(ops.square(ops.mul(ops.sigmoid(columns(matched, 2, 4)), 2)), anchor);
  return completeIou({ xy, wh }, { xy: columns(box, 0, 2), wh: columns(box, 2, 4) });
}

/**
 * Mean over all cells of a level, times its balance: each cell is counted as background, then the few with a target
 * (the IoU of the prediction there) are put right. So the target of every cell need not be written out.
 */
function objectnessLoss(
  heads: readonly Node[],
  { logits, iou, owner }: { logits: Node; iou: Node; owner: Node },
  { numAnchors, hyp }: YoloLossOptions,
): Node {
  const options = bceOptions(hyp.objPw, hyp);
  const balance = heads.length === 3 ? THREE_LEVELS : MORE_LEVELS;
  const cellsOf = ({ shape }: Node) => (shape[2] as number) * (shape[3] as number);
  const shares = heads.map((head, level) => balance[level]! / (numAnchors * cellsOf(head)));
  const perCell = constantOf(heads.flatMap((head, level) => new Array(cellsOf(head)).fill(shares[level])));
  const perLevel = constantOf(shares, [heads.length, 1, 1]);
  const all = ops.concat(
    heads.map((head) => levelObjectness(head, numAnchors)),
    3,
  );
  const target = ops.stopGradient(ops.maximum(iou, 0));
  const change = ops.sub(bceWithLogits(logits, target, options), backgroundBce(logits, options));
  const total = ops.add(
    ops.reduceSum(ops.mul(backgroundBce(all, options), perCell)),
    ops.reduceSum(ops.mul(ops.mul(change, owner), perLevel)),
  );
  return ops.div(total, ops.size(heads[0]!, [0]));
}

const constantOf = (values: readonly number[], shape: readonly number[] = [values.length]) =>
  constant(tensor(values, shape));

/** Objectness logits of a level's cells, `[N, anchors, 1, cells]`. */
function levelObjectness(head: Node, numAnchors: number): Node {
  const [batch, channels, height, width] = head.shape as [Node['shape'][number], number, number, number];
  return ops.slice(ops.reshape(head, [batch, numAnchors, channels / numAnchors, height * width]), 2, 4, 5);
}

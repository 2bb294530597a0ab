/**
 * The detection loss as graph ops: CIoU of the matched boxes, objectness of every cell towards that IoU, classes of
 * the matched cells. The assignment is made on the host (`assign/`) and arrives as index inputs (`loss-inputs.ts`).
 */
import { input, type Node, ops } from '@froyolo/core';
import { type BceOptions, backgroundBce, bceWithLogits } from './bce.js';
import { completeIou } from './iou-graph.js';
import { type LevelFeeds, lossInputName } from './loss-inputs.js';

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
  /** What is minimised: the sum of the three, times the batch size. Shape `[]`. */
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
  const { hyp } = options;
  const balance = heads.length === 3 ? THREE_LEVELS : MORE_LEVELS;
  const parts = heads.map((head, level) => levelLoss(head, level, options));
  const sum = (values: Node[]) => values.reduce((a, b) => ops.add(a, b));
  const box = ops.mul(sum(parts.map((p) => p.box)), hyp.box);
  const obj = ops.mul(sum(parts.map((p, level) => ops.mul(p.obj, balance[level]))), hyp.obj);
  const cls = ops.mul(sum(parts.map((p) => p.cls)), hyp.cls);
  const loss = ops.mul(sum([box, obj, cls]), ops.size(heads[0], [0]));
  return { loss, box, obj, cls };
}

type LevelInputs = Record<Exclude<keyof LevelFeeds, 'classes' | 'index'>, Node>;

function levelLoss(head: Node, level: number, { numClasses, numAnchors, hyp }: YoloLossOptions) {
  const matches = `matches${level}`;
  const values = 5 + numClasses;
  const feed = (what: keyof LevelFeeds, columns: number, dtype?: 'int32') =>
    input(lossInputName(level, what), [matches, columns], dtype);
  const index = feed('index', values, 'int32');
  const inputs: LevelInputs = {
    box: feed('box', 4),
    anchor: feed('anchor', 2),
    owner: feed('owner', 1),
    weight: feed('weight', 1),
  };
  const matched = matchedPredictions(head, index, matches, values);
  const iou = matchedIou(matched, inputs);
  const target = ops.stopGradient(ops.maximum(iou, 0));
  const obj = objectnessLoss(
    allObjectness(head, numAnchors),
    { logits: ops.slice(matched, 1, 4, 5), target, owner: inputs.owner },
    bceOptions(hyp.objPw, hyp),
  );
  const box = ops.reduceSum(ops.mul(inputs.weight, ops.sub(1, iou)));
  if (numClasses === 1) return { box, obj, cls: ops.mul(box, 0) };
  const classes = feed('classes', numClasses);
  const bce = bceWithLogits(ops.slice(matched, 1, 5, values), classes, bceOptions(hyp.clsPw, hyp));
  return { box, obj, cls: ops.mul(ops.reduceSum(ops.mul(bce, inputs.weight)), 1 / numClasses) };
}

const bceOptions = (positiveWeight: number, { flGamma }: LossHyp): BceOptions => ({
  positiveWeight,
  focalGamma: flGamma,
});

/** `[matches, 5 + classes]`: only the matched cells are read, the head is never transposed. */
function matchedPredictions(head: Node, index: Node, matches: string, values: number): Node {
  const flat = ops.reshape(head, [-1, 1]);
  const gathered = ops.gatherRows(flat, ops.reshape(index, [-1]));
  return ops.reshape(gathered, [matches, values]);
}

/** Boxes come out as 2σ − ½ around the cell and (2σ)² times the anchor, in grid units. */
function matchedIou(matched: Node, { box, anchor }: LevelInputs): Node {
  const part = (x: Node, start: number) => ops.slice(x, 1, start, start + 2);
  const xy = ops.sub(ops.mul(ops.sigmoid(part(matched, 0)), 2), 0.5);
  const wh = ops.mul(ops.square(ops.mul(ops.sigmoid(part(matched, 2)), 2)), anchor);
  return completeIou({ xy, wh }, { xy: part(box, 0), wh: part(box, 2) });
}

/** Objectness logits of all cells, `[N, anchors, 1, cells]`. */
function allObjectness(head: Node, numAnchors: number): Node {
  const [batch, channels, height, width] = head.shape as [Node['shape'][number], number, number, number];
  return ops.slice(ops.reshape(head, [batch, numAnchors, channels / numAnchors, height * width]), 2, 4, 5);
}

/**
 * Mean over all cells: each is counted as background, then the few with a target are put right. So the target of every
 * cell need not be written out.
 */
function objectnessLoss(
  all: Node,
  { logits, target, owner }: { logits: Node; target: Node; owner: Node },
  options: BceOptions,
): Node {
  const background = ops.reduceSum(backgroundBce(all, options));
  const change = ops.sub(bceWithLogits(logits, target, options), backgroundBce(logits, options));
  return ops.div(ops.add(background, ops.reduceSum(ops.mul(change, owner))), ops.size(all));
}

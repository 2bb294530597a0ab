/**
 * The detection loss as graph ops: what its terms are computed from. The assignment is made on the host (`assign.ts`) and
 * arrives as index inputs (`loss-inputs.ts`).
 */
import { input, type Node, ops } from '@froyolo/core';
import type { Hyperparameters } from '@froyolo/data';
import { completeIou } from '../../loss/complete-iou.js';
import { valuesOf } from './layout.js';
import { FEED_DTYPES, feedColumns, type LossFeeds, lossInputName } from './loss-inputs.js';
import { columns, LOSS_TERMS, type LossContext, type LossTerm, type Network } from './terms.js';

export interface YoloLossOptions extends Omit<Network, 'numLevels'> {
  readonly hyp: Hyperparameters;
  /** Terms by name. Default: YOLOv5's three. */
  readonly terms?: Readonly<Record<string, LossTerm>>;
}

/** Rows of each level's feeds: a size that each run decides. */
const MATCHES = 'matches';

/**
 * @param heads raw outputs per level, `[N, anchors · (5 + classes), height, width]`
 * @returns every term by name, `[]`, times its gain; their inputs are fed by `lossInputs`
 */
export function yoloLoss(heads: readonly Node[], options: YoloLossOptions): Record<string, Node> {
  const { terms = LOSS_TERMS, ...rest } = options;
  const context = contextOf(heads, { ...rest, numLevels: heads.length });
  return Object.fromEntries(
    Object.entries<LossTerm>(terms).map(([name, { gain, value }]) => [
      name,
      ops.mul(value(context), gain(options.hyp, context)),
    ]),
  );
}

function contextOf(heads: readonly Node[], network: Pick<LossContext, keyof Network | 'hyp'>): LossContext {
  const feeds = new Map<string, Node>();
  const feed = (what: keyof LossFeeds) => {
    const shape = [heads.length, MATCHES, feedColumns(what, network.numClasses)];
    const node = feeds.get(what) ?? input(lossInputName(what), shape, FEED_DTYPES[what]);
    feeds.set(what, node);
    return node;
  };
  const matched = matchedPredictions(heads, feed('index'), valuesOf(network.numClasses));
  const predicted = predictedBoxes(matched, feed('anchor'));
  const box = feed('box');
  return {
    ...network,
    heads,
    matched,
    predicted,
    feed,
    iou: completeIou(predicted, { xy: columns(box, 0, 2), wh: columns(box, 2, 4) }),
    mean: (x) => ops.reduceSum(ops.mul(x, feed('weight'))),
  };
}

/** `[levels, matches, 5 + classes]`: only the matched cells are read, heads are never transposed. */
function matchedPredictions(heads: readonly Node[], index: Node, values: number): Node {
  const levels = heads.map((head, level) => {
    const rows = ops.reshape(ops.slice(index, 0, level, level + 1), [-1]);
    return ops.reshape(ops.gatherRows(ops.reshape(head, [-1, 1]), rows), [1, MATCHES, values]);
  });
  return ops.concat(levels, 0);
}

/** Boxes come out as 2σ − ½ around the cell and (2σ)² times the anchor, in grid units. */
function predictedBoxes(matched: Node, anchor: Node): LossContext['predicted'] {
  return {
    xy: ops.sub(ops.mul(ops.sigmoid(columns(matched, 0, 2)), 2), 0.5),
    wh: ops.mul(ops.square(ops.mul(ops.sigmoid(columns(matched, 2, 4)), 2)), anchor),
  };
}

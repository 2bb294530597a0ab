/** YOLOv5: anchors on several levels, objectness, classes. The only folder that knows it. */
import { nonMaxSuppression } from '@froyolo/boxes';
import type { Tensor } from '@froyolo/core';
import { type Batch, LABEL_ROW } from '@froyolo/data';
import { DETECT, type Model } from '@froyolo/model-yaml';
import type { Family, LossSettings } from '../../family.js';
import { decodeHeads } from './decode.js';
import { keptHeadRows } from './head-rows.js';
import { joinViews } from './join-views.js';
import { CLASSES, OBJECTNESS } from './layout.js';
import { yoloLoss } from './loss.js';
import { lossInputs } from './loss-inputs.js';
import { gridSizesOf, matchesOf, scoresAt } from './matches.js';
import { fitModelAnchors, holdsAnchors } from './priors.js';
import { recognizeYolov5 } from './recognize.js';
import { LOSS_TERMS, type LossTerm } from './terms.js';

/** YOLOv5 with other terms in its loss: `yolov5With('yolov5-mine', { ...LOSS_TERMS, mine })`. */
export function yolov5With(name: string, terms: Readonly<Record<string, LossTerm>>): Family {
  return {
    name,
    head: DETECT,
    lossTerms: Object.keys(terms),
    labelRow: LABEL_ROW,
    assign,
    loss: (heads, { numClasses, anchors }, { hyp, imgsz }) =>
      yoloLoss(heads, { hyp, imgsz, numClasses, numAnchors: anchors[0].length, terms }),
    decode: decodeHeads,
    suppress: (predictions, options) => nonMaxSuppression(predictions, SCORES, options),
    joinViews: (views, [, width], { strides }) => joinViews(views, width, strides.length),
    recognize: recognizeYolov5,
    priors: { name: 'anchors', holds: holdsAnchors, fit: fitModelAnchors },
    keepHead: keptHeadRows,
    scoresAt,
  };
}

const SCORES = { objectness: OBJECTNESS, classes: CLASSES };

export const yolov5: Family = yolov5With('yolov5', LOSS_TERMS);

/** Targets to anchors and cells. */
function assign(
  batch: Pick<Batch, 'shape' | 'targets'>,
  model: Model,
  { hyp }: LossSettings,
): Record<string, Tensor> {
  const { anchors, numClasses } = model;
  return lossInputs(matchesOf(batch, model, hyp), {
    numClasses,
    numAnchors: anchors[0].length,
    gridSizes: gridSizesOf(batch, model),
    labelSmoothing: hyp.label_smoothing,
    learnsOne: Boolean(hyp.cls_one),
  });
}

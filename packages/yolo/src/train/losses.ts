/** The detection loss as training and validation need it. */
import type { Node, Tensor } from '@froyolo/core';
import type { Batch, Hyperparameters } from '@froyolo/data';
import type { Model } from '@froyolo/model-yaml';
import { assignTargets } from '../assign/assign-targets.js';
import { lossInputs } from '../loss/loss-inputs.js';
import { type LossHyp, scaledGains, yoloLoss } from '../loss/yolo-loss.js';

export interface LossSettings {
  readonly hyp: Hyperparameters;
  /** Side of the training images in pixels: scales the gain of the objectness loss. */
  readonly imgsz: number;
}

/** The three parts of the loss, each times its gain, as means over images. */
export interface Losses {
  readonly box: number;
  readonly obj: number;
  readonly cls: number;
}

/** Outputs `loss` (what is differentiated: the sum of the parts times the batch size), `box`, `obj`, `cls`, each `[]`. */
export function lossNodes(heads: readonly Node[], model: Model, settings: LossSettings) {
  const { loss, box, obj, cls } = yoloLoss(heads, {
    numClasses: model.numClasses,
    numAnchors: model.anchors[0]!.length,
    hyp: gainsOf(model, settings),
  });
  return { loss, box, obj, cls };
}

function gainsOf({ strides, numClasses }: Model, { hyp, imgsz }: LossSettings): LossHyp {
  const { box, obj, cls, obj_pw, cls_pw, fl_gamma } = hyp;
  const gains = { box, obj, cls, objPw: obj_pw, clsPw: cls_pw, flGamma: fl_gamma };
  return scaledGains(gains, { numLevels: strides.length, numClasses, imgsz });
}

/** The inputs of those nodes: the batch's targets assigned to anchors and cells. */
export function lossFeeds(
  batch: Pick<Batch, 'shape' | 'targets'>,
  model: Model,
  { hyp }: LossSettings,
): Record<string, Tensor> {
  const { anchors, strides, numClasses } = model;
  const [, , height, width] = batch.shape;
  const gridSizes = strides.map((stride) => [height / stride, width / stride] as const);
  const assignment = assignTargets(batch.targets, {
    anchors: anchors.map((level, i) => level.flat().map((pixels) => pixels / strides[i]!)),
    gridSizes,
    anchorThreshold: hyp.anchor_t,
  });
  return lossInputs(assignment, {
    numClasses,
    numAnchors: anchors[0]!.length,
    gridSizes,
    labelSmoothing: hyp.label_smoothing,
  });
}

export const NO_LOSSES: Losses = { box: 0, obj: 0, cls: 0 };

/** The mean of `count` values and one more. */
export function runningMean(mean: Losses, value: Losses, count: number): Losses {
  const next = (key: keyof Losses) => (mean[key] * count + value[key]) / (count + 1);
  return { box: next('box'), obj: next('obj'), cls: next('cls') };
}

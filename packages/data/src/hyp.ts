import { IN_WORDS } from '@froyolo/errors';
import { z } from 'zod';
import { ConfigError } from './errors.js';
import { parseYaml } from './yaml.js';

const positive = z.number().positive();
const nonNegative = z.number().min(0);
const fraction = z.number().min(0).max(1);

/** Hyperparameters of training itself, as opposed to augmentation. */
const training = {
  /** Initial learning rate. */
  lr0: positive.default(0.01),
  /** Final learning rate as a fraction of lr0. */
  lrf: nonNegative.default(0.01),
  /** SGD momentum or Adam beta1. */
  momentum: fraction.default(0.937),
  weight_decay: nonNegative.default(0.0005),
  warmup_epochs: nonNegative.default(3),
  warmup_momentum: fraction.default(0.8),
  warmup_bias_lr: nonNegative.default(0.1),
  /** Gain of the box loss. */
  box: nonNegative.default(0.05),
  /** Gain of the class loss. */
  cls: nonNegative.default(0.5),
  /** Gain of the class loss with a single class, which has none unless given. */
  cls_one: nonNegative.optional(),
  /** Positive weight of the class loss. */
  cls_pw: positive.default(1),
  /** Gain of the objectness loss. */
  obj: nonNegative.default(1),
  /** Positive weight of the objectness loss. */
  obj_pw: positive.default(1),
  iou_t: fraction.default(0.2),
  /** Largest ratio between a box side and an anchor side that still match. */
  anchor_t: positive.default(4),
  /** Number of anchors per level, if they are to be computed anew. */
  anchors: positive.optional(),
  fl_gamma: nonNegative.default(0),
  label_smoothing: nonNegative.lt(1).default(0),
  /** Images per update, 64 unless given: gradients of several batches add up to it. */
  nbs: positive.optional(),
  /** Batches of warm-up, instead of `warmup_epochs` and at least 100. */
  warmup_steps: nonNegative.optional(),
  /** Time constant, in updates, with which the decay of the averaged weights (EMA) rises; 2000 unless given. */
  ema_tau: positive.optional(),
  /** Decay of that average at every update, instead of one that rises: weights from n updates ago count by its n-th power. */
  ema_decay: fraction.lt(1).optional(),
  /**
   * Whitening of the last layer: steps along directions in which its input features hardly vary become up to 1 / this times
   * as long. Off unless given.
   */
  whiten: positive.optional(),
  /** Gradual unfreezing, `FREEZE:EPOCH` with commas between, as after `--unfreeze` of `froyolo train`. */
  unfreeze: z.string().optional(),
  /** Factors of learning rates, `SELECTOR=FACTOR` with commas between, as after `--lr-scale` of `froyolo train`. */
  lr_scale: z.string().optional(),
};

/** Hyperparameters of augmentation. */
const augmentation = {
  hsv_h: fraction.default(0.015),
  hsv_s: fraction.default(0.7),
  hsv_v: fraction.default(0.4),
  /** Rotation, +- degrees. */
  degrees: nonNegative.max(180).default(0),
  /** Shift, +- fraction of the image. */
  translate: fraction.default(0.1),
  /** Zoom, 1 +- this. */
  scale: nonNegative.lt(1).default(0.5),
  /** Shear, +- degrees. */
  shear: nonNegative.lt(90).default(0),
  perspective: nonNegative.max(0.001).default(0),
  flipud: fraction.default(0),
  fliplr: fraction.default(0.5),
  mosaic: fraction.default(1),
  mixup: fraction.default(0),
  copy_paste: fraction.default(0),
  /** Share of the mosaics that are made of nine images instead of four; 0 unless given. */
  mosaic9: fraction.optional(),
  /**
   * Probability of each of blur, median blur, gray and local contrast (CLAHE). YOLOv5 has 0.01 if Albumentations is
   * installed; 0 unless given.
   */
  albumentations: fraction.optional(),
};

/** Checks hyperparameters; what isn't given is as in scratch-low. */
export const hyperparametersSchema = z.strictObject({ ...training, ...augmentation });

/** Hyperparameters of training and augmentation: keys as in YOLOv5's YAML files, and a few optional ones of our own. */
export type Hyperparameters = z.output<typeof hyperparametersSchema>;

/** The hyperparameters that change an image or its labels; the others come after. */
export const augmentationOf = (hyp: Hyperparameters): Readonly<Record<string, number>> =>
  z.object(augmentation).parse(hyp);

const low = hyperparametersSchema.parse({});
const medium: Hyperparameters = { ...low, lrf: 0.1, cls: 0.3, obj: 0.7, scale: 0.9, mixup: 0.1 };

/** Sets of hyperparameters by name; `scratch-low` is the default. */
export const hypPresets = {
  'scratch-low': low,
  'scratch-med': medium,
  'scratch-high': { ...medium, copy_paste: 0.1 },
  'no-augmentation': {
    ...low,
    hsv_h: 0,
    hsv_s: 0,
    hsv_v: 0,
    translate: 0,
    scale: 0,
    fliplr: 0,
    mosaic: 0,
  },
  VOC: {
    ...low,
    lr0: 0.00334,
    lrf: 0.15135,
    momentum: 0.74832,
    weight_decay: 0.00025,
    warmup_epochs: 3.3835,
    warmup_momentum: 0.59462,
    warmup_bias_lr: 0.18657,
    box: 0.02,
    cls: 0.21638,
    cls_pw: 0.5,
    obj: 0.51728,
    obj_pw: 0.67198,
    anchor_t: 3.3744,
    anchors: 3.412,
    hsv_h: 0.01041,
    hsv_s: 0.54703,
    hsv_v: 0.27739,
    translate: 0.04591,
    scale: 0.75544,
    mosaic: 0.85834,
    mixup: 0.04266,
  },
  Objects365: {
    ...low,
    lr0: 0.00258,
    lrf: 0.17,
    momentum: 0.779,
    weight_decay: 0.00058,
    warmup_epochs: 1.33,
    warmup_momentum: 0.86,
    warmup_bias_lr: 0.0711,
    box: 0.0539,
    cls: 0.299,
    cls_pw: 0.825,
    obj: 0.632,
    anchor_t: 3.44,
    anchors: 3.2,
    hsv_h: 0.0188,
    hsv_s: 0.704,
    hsv_v: 0.36,
    translate: 0.0902,
    scale: 0.491,
  },
} as const satisfies Record<string, Hyperparameters>;

/** Reads a hyperparameter YAML. Throws {@link ConfigError} with file, line and key on anything it can't use. */
export function parseHyp(text: string, file: string): Hyperparameters {
  const yaml = parseYaml(text, file);
  const parsed = hyperparametersSchema.safeParse(yaml.value ?? {}, IN_WORDS);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0];
    const known = Object.keys(hyperparametersSchema.shape).join(', ');
    throw new ConfigError(file, yaml.lineOf([key]), `unknown hyperparameter "${key}"; known are ${known}`);
  }
  const path = issue.path.filter((key) => typeof key !== 'symbol');
  if (path.length === 0) throw new ConfigError(file, 1, 'hyperparameters are a map such as "lr0: 0.01"');
  throw new ConfigError(file, yaml.lineOf(path), `"${path.join('.')}": ${issue.message}`);
}

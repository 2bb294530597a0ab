/** What fits into a wall time: which layers are frozen when, and on how many images a validation looks. */
import type { TrainedPart } from '../recipe/trained-part.js';

export interface TimePlanFacts {
  /** Seconds that are left. */
  readonly seconds: number;
  /** Images to train on and to validate on. */
  readonly images: number;
  readonly valImages: number;
  readonly batchSize: number;
  /** Measured seconds of inference per image. */
  readonly inference: number;
  /** What learns, where what to freeze is given. */
  readonly trained?: TrainedPart;
}

export interface TimePlan {
  /** As after `--freeze`. */
  readonly freeze: readonly string[];
  /** As after `--unfreeze`, in epochs as far as is known before; the clock decides. */
  readonly unfreeze?: string;
  /** Share of the time after which it is due, and the cost of its steps relative to the first stage. */
  readonly stage?: { readonly share: number; readonly cost: number };
  /** Estimated number of epochs that fit, and of those with frozen layers. */
  readonly epochs: number;
  readonly frozenEpochs: number;
  /** Number of images per validation. */
  readonly valImages: number;
  /** Seconds of a validation. */
  readonly validation: number;
}

/**
 * Times of a training step, in inferences of its images: measured with yolov5n at 320 px on two cores (docs/results), where
 * they differ less from one size of network to another than speeds do.
 */
const STEP_COST = { whole: 7.2, 'neck and head': 2.4, head: 0.3 };
/** Part of the time in which only neck and head are trained, on cached features of the backbone. */
const CACHED_SHARE = 0.3;
/** Steps of the whole network without which the backbone stays frozen. */
const MIN_WHOLE_STEPS = 100;
/** Part of the time that one validation may take. */
const VALIDATION_SHARE = 0.06;
/** Fewer validation images say nothing. */
const MIN_VAL_IMAGES = 16;

/** When the whole network is trained, and how much longer its steps take. */
export const WHOLE_STAGE = { share: CACHED_SHARE, cost: STEP_COST.whole / STEP_COST['neck and head'] };

/** Plans what to freeze when unless that is given, and how many images to validate on. */
export function planTime(facts: TimePlanFacts): TimePlan {
  const { seconds, images, batchSize, inference, trained } = facts;
  const perEpoch = Math.max(1, Math.ceil(images / batchSize));
  const secondsPer = (cost: number) => cost * inference * batchSize;
  const stepsIn = (share: number, cost: number) => Math.floor((share * seconds) / secondsPer(cost));
  const whole = stepsIn(1 - CACHED_SHARE, STEP_COST.whole);
  if (trained || whole < MIN_WHOLE_STEPS) {
    const epochs = Math.max(1, Math.ceil(stepsIn(1, STEP_COST[trained ?? 'neck and head']) / perEpoch));
    return { freeze: ['backbone'], epochs, frozenEpochs: epochs, ...validation(facts) };
  }
  const cached = Math.max(1, Math.round(stepsIn(CACHED_SHARE, STEP_COST['neck and head']) / perEpoch));
  return {
    freeze: ['backbone'],
    unfreeze: `0:${cached}`,
    stage: WHOLE_STAGE,
    epochs: cached + Math.max(1, Math.ceil(whole / perEpoch)),
    frozenEpochs: cached,
    ...validation(facts),
  };
}

function validation({ seconds, valImages, inference }: TimePlanFacts) {
  const fitting = Math.floor((VALIDATION_SHARE * seconds) / inference);
  const count = Math.min(valImages, Math.max(MIN_VAL_IMAGES, fitting));
  return { valImages: count, validation: count * inference };
}

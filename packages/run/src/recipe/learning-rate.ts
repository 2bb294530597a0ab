/** How fast to learn. */
import type { Choice, RecipeFacts } from './decision.js';
import type { Recipe } from './recipe-type.js';

/** Twice YOLOv5's: few steps have to go the same way. */
const UNFAMILIAR_LR = 0.02;
/** The last layer is nearly linear in what it reads: whitening makes each step a long one in all directions, and bears more. */
const HEAD_LR = 0.05;
const WHITEN = 0.1;
/** Half of YOLOv5's: what the weights know already is soon lost. */
const FAMILIAR_LR = 0.005;
/** mAP50 before training from which on the images are familiar. */
const FAMILIAR = 0.2;
/** What the weights before training still count in the average at the end: it keeps what they know. */
const START_SHARE = 0.3;

/** By what learns throughout: where the whole network learns in the end, whitening gains nothing. */
const RATES = {
  head: { lr0: HEAD_LR, whiten: WHITEN },
  'neck and head': { lr0: UNFAMILIAR_LR, lr_scale: `head=${HEAD_LR / UNFAMILIAR_LR}`, whiten: WHITEN },
  whole: { lr0: UNFAMILIAR_LR },
};

/** Until it is known how much of the images the weights know. */
export const learningRate = ({ trained }: Pick<RecipeFacts, 'trained'>): Choice => ({
  hyp: RATES[trained ?? 'whole'],
});

/**
 * The recipe for images that the detector knows so well before it is trained.
 * @param mAP50 of the detector that training starts from, on training images
 */
export function withFamiliarity(recipe: Recipe, mAP50: number): Recipe {
  if (mAP50 < FAMILIAR) return recipe;
  const ema_decay = Number((START_SHARE ** (1 / recipe.steps)).toPrecision(6));
  // Mosaics make objects half as large: what is known of them in their own size is lost.
  return { ...recipe, hyp: { ...recipe.hyp, lr0: FAMILIAR_LR, ema_decay, mosaic: 0 } };
}

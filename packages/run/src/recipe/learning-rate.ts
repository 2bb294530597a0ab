/** How fast to learn. */
import type { Choice, RecipeFacts } from './decision.js';
import type { Recipe } from './recipe-type.js';

/** Twice YOLOv5's: few steps have to go the same way. */
const UNFAMILIAR_LR = 0.02;
/** With all else frozen, the last layer is nearly linear: whitening makes each step a long one in all directions. */
const HEAD = { lr0: 0.05, whiten: 0.1 };
/** Half of YOLOv5's: what the weights know already is soon lost. */
const FAMILIAR_LR = 0.005;
/** mAP50 before training from which on the images are familiar. */
const FAMILIAR = 0.3;

/** Until it is known how much of the images the weights know. */
export const learningRate = ({ trained }: Pick<RecipeFacts, 'trained'>): Choice => ({
  hyp: trained === 'head' ? HEAD : { lr0: UNFAMILIAR_LR },
});

/**
 * The recipe for images that the detector knows so well before it is trained.
 * @param mAP50 of the detector that training starts from, on training images
 */
export function withFamiliarity(recipe: Recipe, mAP50: number): Recipe {
  return mAP50 < FAMILIAR ? recipe : { ...recipe, hyp: { ...recipe.hyp, lr0: FAMILIAR_LR } };
}

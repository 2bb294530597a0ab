/** How many images an update is made from. */
import type { Choice, RecipeFacts } from './decision.js';

/** One batch: with few steps, the updates are what is short. YOLOv5 waits for 64 images. */
export const updates = ({ batchSize }: RecipeFacts): Choice => ({ hyp: { nbs: batchSize } });

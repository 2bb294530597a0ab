/** How many images an update is made from. */
import type { Choice, RecipeFacts } from './decision.js';

/** One batch per update, since few steps leave few updates; YOLOv5 waits for 64 images. */
export const updates = ({ batchSize }: RecipeFacts): Choice => ({ hyp: { nbs: batchSize } });

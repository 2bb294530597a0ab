/** How fast to learn. */
import type { Choice } from './decision.js';

/** Twice YOLOv5's: few steps have to go the same way. */
export const learningRate = (): Choice => ({ hyp: { lr0: 0.02 } });

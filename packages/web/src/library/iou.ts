import { pairwiseIou } from '@froyolo/boxes';
import type { Corners } from './types.js';

/** Intersection of two boxes over their union. */
export const iou = (a: Corners, b: Corners) => pairwiseIou(a, b)[0];

/** How pictures are looked at for suggestions: by which weights, in which size; and what several looks find as one. */
import { iou } from '../library/iou.js';
import type { Box } from '../library/types.js';
import type { Which } from '../worker/api.js';

/** Whose boxes are suggested: `both` joins those of the opened checkpoint and of the project's own training. */
export type Suggester = 'opened' | 'best' | 'both';

export interface Look {
  readonly which: Which;
  readonly imgsz: number;
}

interface Looking {
  /** Of the project's training. */
  readonly imgsz: number;
  /** Longest side of the pictures. */
  readonly largest: number;
  /** Whether to look in twice the size too, where small things are found. */
  readonly isClose: boolean;
}

/** Image size at which most checkpoints were trained. */
const USUAL_SIDE = 640;

/**
 * An opened checkpoint finds most in pictures of the size that it was trained on; large things are found better at half that
 * size, small ones at twice that size. The project's own training has the project's size.
 */
export function looksOf(by: Suggester, { imgsz, largest, isClose }: Looking): Look[] {
  const side = Math.max(imgsz, Math.min(USUAL_SIDE, largest));
  const own = by === 'opened' ? [] : [{ which: 'best', imgsz } as const];
  if (by === 'best') return own;
  const sides = [side, ...(side >= USUAL_SIDE ? [side / 2] : []), ...(isClose ? [2 * side] : [])];
  const [first, ...further] = sides.map((imgsz) => ({ which: 'opened', imgsz }) as const);
  return [...(first ? [first] : []), ...own, ...further];
}

/** Overlaps from which two boxes of a class, and of any classes, are on the same thing. */
const SAME = { class: 0.45, place: 0.7 };

/** Keeps the most confident of several boxes on the same thing. */
export function joined<T extends Box & { readonly confidence: number }>(found: readonly T[]): T[] {
  const kept: T[] = [];
  for (const one of [...found].sort((a, b) => b.confidence - a.confidence)) {
    const limit = ({ classId }: T) => (classId === one.classId ? SAME.class : SAME.place);
    if (!kept.some((other) => iou(other.box, one.box) > limit(other))) kept.push(one);
  }
  return kept;
}

/** What a pointer does on the stage, from its press to its release. */
import type { Box, Corners } from '../../library/types.js';
import { between, boxUnder, type Handle, handleNear, isBigEnough, moved, resized } from './boxes.js';
import type { Point, Size } from './view.js';

export type Gesture =
  | { readonly kind: 'draw'; readonly from: Point; readonly to: Point }
  | {
      readonly kind: 'move';
      readonly index: number;
      readonly from: Point;
      readonly to: Point;
      readonly box: Corners;
    }
  | {
      readonly kind: 'resize';
      readonly index: number;
      readonly handle: Handle;
      readonly to: Point;
      readonly box: Corners;
    }
  | { readonly kind: 'pan' };

export interface Pressed {
  readonly at: Point;
  readonly boxes: readonly Box[];
  readonly selected: number | undefined;
  /** Picture pixels around a handle or an edge that count as on it. */
  readonly reach: number;
}

/** A press on the selected box moves or resizes it, on another one selects it, elsewhere draws. */
export function begin({ at, boxes, selected, reach }: Pressed): Gesture {
  const chosen = selected === undefined ? undefined : boxes[selected];
  const handle = chosen && handleNear(chosen.box, at, reach);
  if (chosen && handle && selected !== undefined)
    return { kind: 'resize', index: selected, handle, to: at, box: chosen.box };
  if (selected !== undefined && boxUnder(chosen ? [chosen] : [], at, 0) === 0)
    return { kind: 'move', index: selected, from: at, to: at, box: boxes[selected].box };
  return { kind: 'draw', from: at, to: at };
}

export const continued = (gesture: Gesture, to: Point): Gesture =>
  gesture.kind === 'pan' ? gesture : { ...gesture, to };

/** Whether a box was to be drawn, but the pointer hardly moved. */
export const isSlip = (gesture: Gesture, reach: number): boolean =>
  gesture.kind === 'draw' && Math.hypot(gesture.to.x - gesture.from.x, gesture.to.y - gesture.from.y) < reach;

/** The box that a gesture makes; undefined for a click. */
export function boxOf(gesture: Gesture, picture: Size): Corners | undefined {
  if (gesture.kind === 'pan') return undefined;
  if (gesture.kind === 'draw') {
    const drawn = between(gesture.from, gesture.to, picture);
    return isBigEnough(drawn) ? drawn : undefined;
  }
  if (gesture.kind === 'resize') {
    const box = resized(gesture.box, gesture.handle, gesture.to, picture);
    return isBigEnough(box) ? box : undefined;
  }
  const [dx, dy] = [gesture.to.x - gesture.from.x, gesture.to.y - gesture.from.y];
  return dx === 0 && dy === 0 ? undefined : moved(gesture.box, dx, dy, picture);
}

/** How the picture lies on the stage, and the box that is being made there. */
import { computed, signal } from '@preact/signals';
import type { Corners } from '../../library/types.js';
import { current } from '../../state/labels.js';
import type { Suggestion } from '../../state/sorted-suggestions.js';
import { currentFaint, currentSuggestions } from '../../state/suggestions.js';
import { fitted, type Point, type Size, type View, zoomed } from './view.js';

export const view = signal<View>({ scale: 1, x: 0, y: 0 });
export const stageSize = signal<Size>({ width: 1, height: 1 });

/** What is suggested in the picture on the stage, the surest first. */
export const offered = computed(() => [...currentSuggestions.value, ...currentFaint.value]);
/** The suggestion that a pointer or a key is at; it may be gone. */
export const pointed = signal<Suggestion | undefined>(undefined);

/** The box that the pointer is making, and which one it replaces. */
export interface MadeBox {
  readonly box: Corners;
  readonly classId: number;
  readonly index?: number;
}

/** Shows the whole picture. */
export function fit(): void {
  if (current.value) view.value = fitted(current.value, stageSize.value);
}

/** Zooms around a point of the stage; by default around its middle. */
export function zoomAt(factor: number, at: Point = middle()): void {
  if (!current.value) return;
  const least = fitted(current.value, stageSize.value).scale / 2;
  view.value = zoomed(view.value, factor, at, least);
}

const middle = (): Point => ({ x: stageSize.value.width / 2, y: stageSize.value.height / 2 });

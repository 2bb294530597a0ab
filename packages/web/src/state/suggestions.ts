/** Boxes that a detector suggests, until they are accepted or the detector changes. */
import type { Detection } from '@froyolo/yolo';
import { batch, computed, signal } from '@preact/signals';
import type { Picture } from '../library/types.js';
import { change, current } from './labels.js';
import { joined } from './looks.js';
import { pictures } from './project.js';
import { type Sorted, type Suggestion, sorted } from './sorted-suggestions.js';

/** Every detection by picture, with the detector's own classes. */
export const found = signal<ReadonlyMap<number, readonly Detection[]>>(new Map());
/** Suggestions with at least this confidence are sure ones: they can be accepted together. */
export const least = signal(0.5);
/** Those below, down to this confidence, are shown faintly, to be accepted one by one. */
export const faintest = signal(0.15);

const KEPT = 'froyolo-faint';
export const areFaintShown = signal(localStorage.getItem(KEPT) !== 'off');

export function showFaint(areShown: boolean): void {
  areFaintShown.value = areShown;
  localStorage.setItem(KEPT, areShown ? 'on' : 'off');
}

/** The project's class by the detector's; absent where it isn't wanted. */
export const mapping = signal<ReadonlyMap<string, number>>(new Map());

export const hasSuggestions = computed(() => found.value.size > 0);

/** Classes that were found, the most frequent first. */
export const foundClasses = computed(() => {
  const counts = new Map<string, number>();
  for (const detections of found.value.values())
    for (const { name } of detections) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([name, count]) => ({ name, count }));
});

interface Made {
  readonly from: readonly unknown[];
  readonly made: Sorted;
}

/** By number of the picture, what was made last: pictures are asked for far more often than they change. */
const sortings = new Map<number, Made>();

const NONE: Sorted = { sure: [], faint: [] };

function sortedOf({ id, boxes }: Picture): Sorted {
  const detections = found.value.get(id);
  if (!detections) return NONE;
  const all = mapped(id, detections);
  const limits = { least: least.value, faintest: faintest.value };
  const from = [all, boxes, limits.least, limits.faintest];
  const known = sortings.get(id);
  if (known?.from.every((one, i) => one === from[i])) return known.made;
  const made = sorted(all, boxes, limits);
  sortings.set(id, { from, made });
  return made;
}

/** Sure suggestions of a picture that no box of it covers already. */
export const suggestionsOf = (picture: Picture): readonly Suggestion[] => sortedOf(picture).sure;

/** Those that are less sure, where they are to be shown. */
const faintOf = (picture: Picture): readonly Suggestion[] =>
  areFaintShown.value ? sortedOf(picture).faint : NONE.faint;

interface Mapped {
  readonly from: readonly unknown[];
  readonly all: readonly Suggestion[];
}

/** By number of the picture: joining is slow beside all else. */
const mappings = new Map<number, Mapped>();

/** What was found in a picture with the project's classes, each thing once. */
export function mapped(id: number, detections: readonly Detection[]): readonly Suggestion[] {
  const from = [detections, mapping.value];
  const known = mappings.get(id);
  if (known?.from.every((one, i) => one === from[i])) return known.all;
  const all = joined(
    detections.flatMap(({ name, confidence, box }) => {
      const classId = mapping.value.get(name);
      return classId === undefined ? [] : [{ classId, box, confidence }];
    }),
  );
  mappings.set(id, { from, all });
  return all;
}

export const currentSuggestions = computed(() => (current.value ? suggestionsOf(current.value) : []));
export const currentFaint = computed(() => (current.value ? faintOf(current.value) : []));

interface Judgment {
  readonly from: readonly Suggestion[];
  readonly uncertainty: number;
}

/** By number of the picture: sorting asks for each many times. */
const judgments = new Map<number, Judgment>();

/** How unsure the detector is of a picture, from 0 to 1; undefined where it wasn't asked. */
export function uncertaintyOf(id: number): number | undefined {
  const all = found.value.get(id);
  if (!all) return undefined;
  const from = mapped(id, all);
  const known = judgments.get(id);
  if (known?.from === from) return known.uncertainty;
  const uncertainty = judge(from);
  judgments.set(id, { from, uncertainty });
  return uncertainty;
}

function judge(detections: readonly Suggestion[]): number {
  // A picture in which nothing is found may hold what the detector has never seen.
  if (detections.length === 0) return EMPTY;
  const unsure = detections.map(({ confidence }) => 1 - Math.abs(2 * confidence - 1));
  return unsure.reduce((sum, one) => sum + one, 0) / unsure.length;
}

const EMPTY = 0.5;

export function map(name: string, classId: number | undefined): void {
  const changed = new Map(mapping.value);
  if (classId === undefined) changed.delete(name);
  else changed.set(name, classId);
  mapping.value = changed;
}

/** Takes suggestions over as boxes of their pictures, as one change. */
export function accept(chosen: readonly Picture[]): number {
  const after = chosen.flatMap((picture) => {
    const boxes = suggestionsOf(picture).map(({ classId, box }) => ({ classId, box }));
    return boxes.length === 0 ? [] : [{ ...picture, boxes: [...picture.boxes, ...boxes], done: true }];
  });
  if (after.length > 0) change(after);
  return after.length;
}

export function acceptOne({ classId, box }: Suggestion): void {
  const picture = current.value;
  if (picture) change([{ ...picture, boxes: [...picture.boxes, { classId, box }], done: true }]);
}

export function forgetSuggestions(): void {
  batch(() => {
    found.value = new Map();
    mapping.value = new Map();
    sortings.clear();
    mappings.clear();
    judgments.clear();
  });
}

/** Pictures that have suggestions to look at. */
export const suggestedPictures = computed(() =>
  pictures.value.filter((picture) => suggestionsOf(picture).length > 0),
);

/** How many suggestions there are that can only be accepted one by one. */
export const faintCount = computed(() =>
  pictures.value.reduce((sum, picture) => sum + sortedOf(picture).faint.length, 0),
);

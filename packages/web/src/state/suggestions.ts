/** Boxes that a detector suggests, until they are accepted or the detector changes. */
import type { Detection } from '@froyolo/yolo';
import { batch, computed, signal } from '@preact/signals';
import { proxy } from 'comlink';
import { iou } from '../library/iou.js';
import type { Box, Picture } from '../library/types.js';
import type { PictureDetections } from '../worker/api.js';
import { during, progress } from './busy.js';
import { addClass } from './classes.js';
import { change, current } from './labels.js';
import { likelyConfidence } from './likely-confidence.js';
import { joined, type Look, looksOf, type Suggester } from './looks.js';
import { opened, pictures } from './project.js';
import { trainer } from './workers.js';

export interface Suggestion extends Box {
  readonly confidence: number;
}

/** Every detection by picture, with the detector's own classes. */
const found = signal<ReadonlyMap<number, readonly Detection[]>>(new Map());
/** Suggestions that are shown have at least this confidence. */
export const least = signal(0.5);
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
  readonly suggestions: readonly Suggestion[];
}

/** By number of the picture, what was made last: pictures are asked for far more often than they change. */
const made = new Map<number, Made>();

/** Suggestions of a picture that no box of it covers already. */
export function suggestionsOf({ id, boxes }: Picture): readonly Suggestion[] {
  const detections = found.value.get(id);
  if (!detections) return [];
  const from = [mapped(id, detections), boxes, least.value];
  const known = made.get(id);
  if (known?.from.every((one, i) => one === from[i])) return known.suggestions;
  const suggestions = mapped(id, detections).filter(
    ({ confidence, box }) => confidence >= least.value && !boxes.some((one) => iou(one.box, box) > COVERED),
  );
  made.set(id, { from, suggestions });
  return suggestions;
}

interface Mapped {
  readonly from: readonly unknown[];
  readonly all: readonly Suggestion[];
}

/** By number of the picture: joining is slow beside all else. */
const mappings = new Map<number, Mapped>();

/** What was found in a picture with the project's classes, each thing once. */
function mapped(id: number, detections: readonly Detection[]): readonly Suggestion[] {
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

/** Overlap from which a suggestion is the box that is there. */
const COVERED = 0.5;

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

export async function suggest(by: Suggester, isClose: boolean, ids: readonly number[]): Promise<void> {
  await during('suggesting', async () => {
    const { imgsz } = opened().training;
    const looks = looksOf(by, { imgsz, largest: largestSide(), isClose });
    await mapByName(looks);
    found.value = new Map();
    const judges = judging(ids);
    const all = [...judges.map(({ id }) => id), ...ids];
    const seen = new Map<number, readonly Detection[]>();
    const asked = new Set(ids);
    let shown = performance.now();
    const show = () => {
      shown = performance.now();
      found.value = new Map([...seen].filter(([id]) => asked.has(id)));
    };
    await lookAt(all, looks, ({ id, detections }, done) => {
      seen.set(id, [...(seen.get(id) ?? []), ...detections]);
      // All that is on the screen depends on it: not for each of thousands of pictures.
      if (performance.now() < shown + SHOWN_EVERY) return;
      progress(done, looks.length * all.length);
      show();
    });
    show();
    takeUnmapped();
    least.value =
      likelyConfidence(
        judges.map(({ id, boxes }) => ({ boxes, found: mapped(id, seen.get(id) ?? []) })),
        DRAWING,
      ) ?? least.value;
  });
}

/** @param onPicture is told how many pictures were looked at in all looks */
async function lookAt(
  ids: readonly number[],
  looks: readonly Look[],
  onPicture: (found: PictureDetections, done: number) => void,
): Promise<void> {
  for (const [i, look] of looks.entries()) {
    const options = { ...opened().training, ...look, iouThres: 0.45 };
    const told = proxy((found: PictureDetections, done: number) => onPicture(found, i * ids.length + done));
    if (!(await trainer().detectPictures(ids, options, told))) return;
  }
}

const largestSide = () =>
  pictures.value.reduce((most, { width, height }) => Math.max(most, width, height), 0);

/** Classes that the project has by the same name are those. */
async function mapByName(looks: readonly Look[]): Promise<void> {
  const { classes } = opened();
  const names = await Promise.all(
    [...new Set(looks.map(({ which }) => which))].map((which) => trainer().classesOf(which)),
  );
  mapping.value = new Map(
    names.flat().flatMap((name) => {
      const index = classes.findIndex((one) => one.name === name);
      return index < 0 ? [] : [[name, index] as const];
    }),
  );
}

/** Drawing a box takes several seconds, deleting a wrong one takes one. */
const DRAWING = 5;

/** Milliseconds. */
const SHOWN_EVERY = 200;

/** Labeled pictures that say how confident a suggestion should be. */
const JUDGES = 10;

/** Pictures with boxes which aren't themselves asked about, those held out first: no training has seen them. */
function judging(asked: readonly number[]): Picture[] {
  const labeled = pictures.value.filter(
    ({ id, done, boxes }) => done && boxes.length > 0 && !asked.includes(id),
  );
  const heldOut = ({ split }: Picture) => Number(split === 'val');
  return labeled.sort((a, b) => heldOut(b) - heldOut(a)).slice(0, JUDGES);
}

/** A project without classes of its own takes those that were found. */
function takeUnmapped(): void {
  if (opened().classes.length > 0) return;
  for (const { name } of foundClasses.value.slice(0, 20)) map(name, addClass(name));
}

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
    made.clear();
    mappings.clear();
    judgments.clear();
  });
}

/** Pictures that have suggestions to look at. */
export const suggestedPictures = computed(() =>
  pictures.value.filter((picture) => suggestionsOf(picture).length > 0),
);

/** Asks a detector for suggestions. */
import type { Detection } from '@froyolo/yolo';
import { proxy } from 'comlink';
import type { Picture } from '../library/types.js';
import type { PictureDetections } from '../worker/api.js';
import { during, progress } from './busy.js';
import { addClass } from './classes.js';
import { faintConfidence, likelyConfidence } from './likely-confidence.js';
import { type Look, looksOf, type Suggester } from './looks.js';
import { opened, pictures } from './project.js';
import { faintest, found, foundClasses, least, map, mapped, mapping } from './suggestions.js';
import { trainer } from './workers.js';

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
    const judged = judges.map(({ id, boxes }) => ({ boxes, found: mapped(id, seen.get(id) ?? []) }));
    least.value = likelyConfidence(judged, DRAWING) ?? least.value;
    faintest.value = faintConfidence(judged, least.value);
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

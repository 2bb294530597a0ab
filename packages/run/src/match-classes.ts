/** Whether a detector and a dataset mean the same classes: figures of two lists that differ would mean nothing. */
import { DetectorError } from '@froyolo/yolo';

/** Matches the classes of a dataset with those of a detector. */
export interface ClassMatch {
  /** The detector's class by the dataset's; absent if both have the same numbers. */
  readonly toDetector?: readonly number[];
  /** What to tell the user, in one line; absent if both lists are equal. */
  readonly note?: string;
}

/** More names than this are not listed in a message. */
const LISTED_NAMES = 10;

/**
 * Finds the detector's class for each class of a dataset: by name, or by number where one side has no names of its own.
 * @param known class names of the detector
 * @param labeled class names of the dataset
 * @param data name of the dataset in messages
 * @throws DetectorError naming both lists where a class of the dataset is none of the detector's
 */
export function matchClasses(known: readonly string[], labeled: readonly string[], data: string): ClassMatch {
  if (sameList(known, labeled)) return {};
  if (isUnnamed(known) || isUnnamed(labeled)) {
    if (known.length !== labeled.length) throw mismatch(known, labeled, data);
    return { note: `${data}: classes are compared by number: ${unnamedSide(known)} names none of its own` };
  }
  const toDetector = mapByName(known, labeled);
  if (!toDetector) throw mismatch(known, labeled, data);
  const pairs = toDetector.map((to, from) => `${from} ${labeled[from]} is the detector's ${to}`);
  const note = `${data}: classes are mapped to the detector's by name: ${listed(pairs)}`;
  return toDetector.every((to, from) => to === from) ? { note } : { toDetector, note };
}

const sameList = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((name, i) => name === b[i]);

/** Whether names only count: `class0`, `0`; or `item`, as a detector of `--single-cls` calls its class. */
function isUnnamed(names: readonly string[]): boolean {
  if (sameList(names, ['item'])) return true;
  return names.every((name, i) => name === String(i) || /^class[ _]?(\d+)$/i.exec(name)?.[1] === String(i));
}

const unnamedSide = (known: readonly string[]) => (isUnnamed(known) ? 'the detector' : 'the dataset');

/** Undefined if a name is missing in the detector, or stands for more than one class. */
function mapByName(known: readonly string[], labeled: readonly string[]): number[] | undefined {
  const numbers = new Map(known.map((name, i) => [plain(name), i]));
  const found = labeled.map((name) => numbers.get(plain(name)) ?? -1);
  const isOneToOne = numbers.size === known.length && new Set(found).size === found.length;
  return isOneToOne && !found.includes(-1) ? found : undefined;
}

/** A name without differences of spelling: case, and characters between words. */
const plain = (name: string) =>
  name
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ');

function mismatch(known: readonly string[], labeled: readonly string[], data: string): DetectorError {
  const names = new Set(known.map(plain));
  const unknown = labeled.filter((name) => !names.has(plain(name)));
  const which =
    isUnnamed(known) || unknown.length === 0 ? '' : `; the detector doesn't know ${listed(unknown)}`;
  const what = `${data}: its classes are not the detector's, so figures would mean nothing: the dataset has ${counted(labeled)}, the detector ${counted(known)}${which}`;
  const advice =
    known.length === 1
      ? "count all objects as the detector's one class (--single-cls, singleCls), or use the dataset that it was trained on"
      : 'use the dataset that the detector was trained on, name its classes in the dataset as the detector does, or train the detector on this dataset first';
  return new DetectorError(`${what}: ${advice}`, { what, where: data, advice });
}

const counted = (names: readonly string[]) => `${names.length} (${listed(names)})`;

function listed(items: readonly string[]): string {
  const shown = items.slice(0, LISTED_NAMES).join(', ');
  return items.length > LISTED_NAMES ? `${shown}, …` : shown;
}

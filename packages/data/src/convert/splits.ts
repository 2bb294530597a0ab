/** Decides without lists which images train, validate and test. */
import type { Split } from '../dataset-yaml.js';

const WORDS: Readonly<Record<Split, RegExp>> = {
  train: /^train(ing)?$/i,
  val: /^val(id(ation)?)?$/i,
  test: /^test(ing)?$/i,
};
/** By default, one of this many images is held out for validation. */
const HELD_OUT = 5;

/** The split that a file's or folder's name states as a word of its own: `instances_train2017`, not `latest`. */
export function splitOfName(name: string): Split | undefined {
  const words = name.replace(/([a-z])([A-Z])/g, '$1 $2').split(/[^\p{L}]+/u);
  const splits = Object.entries(WORDS) as [Split, RegExp][];
  return splits.find(([, pattern]) => words.some((word) => pattern.test(word)))?.[0];
}

/** The split that a folder of the path is named after, the innermost first. */
export function splitOfPath(path: string): Split | undefined {
  for (const folder of path.split('/').slice(0, -1).reverse()) {
    // CVAT's YOLO export has folders such as `obj_train_data`.
    const name = folder.replace(/^obj_(.+)_data$/i, '$1').replace(/\d+$/, '');
    const found = (['train', 'val', 'test'] as const).find((split) => WORDS[split].test(name));
    if (found) return found;
  }
  return undefined;
}

export interface Splits {
  readonly train: readonly string[];
  readonly val: readonly string[];
  readonly test: readonly string[];
  /** What was decided, for the user. */
  readonly notes: readonly string[];
}

/** Splits by the folders' names (`train`, `val`, `valid`, …), or else holds out every fifth image. */
export function splitByFolder(paths: readonly string[], holdOutEvery = HELD_OUT): Splits {
  const named = new Map(paths.map((path) => [path, splitOfPath(path)]));
  const inSplit = (split: Split | undefined) => paths.filter((path) => named.get(path) === split);
  const [train, val, test, rest] = [inSplit('train'), inSplit('val'), inSplit('test'), inSplit(undefined)];
  if (train.length > 0 && val.length > 0) return { train, val, test, notes: restNote(rest) };
  // Only a validation set: these are all the images.
  const trainable = paths.filter((path) => ['train', undefined].includes(named.get(path)));
  const used = trainable.length > 0 ? trainable : val.length > 0 ? val : paths;
  if (trainable.length > 0 && val.length > 0) return { train: trainable, val, test, notes: [] };
  return { ...holdOut(used, holdOutEvery), test: used === paths ? [] : test };
}

function restNote(rest: readonly string[]): string[] {
  if (rest.length === 0) return [];
  return [
    `${rest.length} images are in no folder named train, val or test and are not used, ${rest[0]} for one.`,
  ];
}

/** Every fifth image is held out; fewer than five are both trained and validated on. @param every 0 holds out none */
export function holdOut(paths: readonly string[], every = HELD_OUT): Splits {
  if (every < 1) return { train: paths, val: [], test: [], notes: [] };
  if (paths.length < every)
    return {
      train: paths,
      val: paths,
      test: [],
      notes: [
        `Only ${paths.length} ${paths.length === 1 ? 'image: it is' : 'images: they are'} both trained and validated on.`,
      ],
    };
  const isHeldOut = (i: number) => i % every === every - 1;
  return {
    train: paths.filter((_, i) => !isHeldOut(i)),
    val: paths.filter((_, i) => isHeldOut(i)),
    test: [],
    notes: [`No validation set was found: every ${ordinal(every)} image is held out for validation.`],
  };
}

const ordinal = (n: number) => ({ 2: 'second', 3: 'third', 4: 'fourth', 5: 'fifth' })[n] ?? `${n}th`;

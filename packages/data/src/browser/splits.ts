/** Which images are trained on and which are validated on, where no list says so. */

const TRAIN = /^train(ing)?\d*$/i;
const VAL = /^val(id(ation)?)?\d*$/i;
const TEST = /^test(ing)?\d*$/i;
/** Every so many images are held out for validation. */
const HELD_OUT = 5;

export interface Splits {
  readonly train: readonly string[];
  readonly val: readonly string[];
  /** What was decided, for the user. */
  readonly notes: readonly string[];
}

/** By the folders' names (`train`, `val`, `valid`, …), or else every fifth image is held out. */
export function splitByFolder(paths: readonly string[]): Splits {
  const inFolder = (name: RegExp) =>
    paths.filter((path) =>
      path
        .split('/')
        .slice(0, -1)
        .some((folder) => name.test(folder)),
    );
  const [train, val] = [inFolder(TRAIN), inFolder(VAL)];
  if (train.length > 0 && val.length > 0) return { train, val, notes: [] };
  const tests = new Set(inFolder(TEST));
  const rest = paths.filter((path) => !tests.has(path));
  return holdOut(rest.length > 0 ? rest : paths);
}

/** Every fifth image is held out; fewer than five are both trained and validated on. */
export function holdOut(paths: readonly string[]): Splits {
  if (paths.length < HELD_OUT)
    return {
      train: paths,
      val: paths,
      notes: [`Only ${paths.length} images: they are both trained and validated on.`],
    };
  const isHeldOut = (i: number) => i % HELD_OUT === HELD_OUT - 1;
  return {
    train: paths.filter((_, i) => !isHeldOut(i)),
    val: paths.filter((_, i) => isHeldOut(i)),
    notes: ['No validation set was found: every fifth image is held out for validation.'],
  };
}

/** What is measured: a training of each recipe on each number of images of each dataset, with each seed. */

/** A training: ours as settings of `froyolo train`, or the reference's. */
export interface Recipe {
  readonly name: string;
  /** For charts and tables: the flags that make it. */
  readonly title: string;
  readonly by: 'froyolo' | 'reference';
  /** Settings of a training from files beside those that all arms have. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface Arm {
  /** Dataset YAML. */
  readonly data: string;
  /** What it is called. */
  readonly dataset: string;
  /** Images to train on; 0 for all. */
  readonly images: number;
  readonly recipe: Recipe;
  readonly seed: number;
}

/** Settings of all arms. */
export interface Common {
  readonly weights: string;
  readonly imgsz: number;
  readonly batchSize: number;
}

/** Its figures: what was validated when. */
export interface ArmResult {
  readonly dataset: string;
  /** Number of images asked for, 0 for all; and how many there were. */
  readonly images: number;
  readonly trainImages: number;
  readonly recipe: string;
  readonly seed: number;
  readonly machine: string;
  readonly steps: number;
  /** Wall time of the whole run. */
  readonly seconds: number;
  readonly points: readonly Point[];
}

export interface Point {
  /** Since the start of the process. */
  readonly seconds: number;
  readonly mAP50: number;
  readonly mAP50_95: number;
}

/**
 * Recipes by name: `yolov5-FREEZE[@EPOCHS]` and `auto[-FREEZE][@EPOCHS]` by epochs, `time-[FREEZE@]SECONDS` in a wall time,
 * `reference-FREEZE[@EPOCHS]` by PyTorch.
 * @throws Error naming one that is none
 */
export function recipeNamed(name: string): Recipe {
  const [, kind = '', value, epochs] =
    /^(yolov5|auto|time|reference)(?:-([^@]+))?(?:@(\d+))?$/.exec(name) ?? [];
  const seconds = Number(epochs ?? value);
  if (kind === 'time' && seconds > 0)
    return ours(name, { time: seconds, ...frozen(epochs === undefined ? undefined : value) });
  const length = epochs === undefined ? {} : { epochs: Number(epochs) };
  const settings = { ...frozen(value), ...length };
  if (kind === 'auto') return ours(name, { recipe: 'auto', ...settings });
  if (kind === 'yolov5') return ours(name, { ...settings, epochs: 30, ...length });
  if (kind !== 'reference')
    throw new Error(`"${name}" is no recipe: yolov5-10@30, auto, auto-10@60, time-60, reference-0@30`);
  const own = { ...settings, epochs: 30, ...length };
  return { name, title: `YOLOv5: ${flagsOf(own)}`, by: 'reference', settings: own };
}

const frozen = (layers: string | undefined) => (layers === undefined ? {} : { freeze: [layers] });

const ours = (name: string, settings: Recipe['settings']): Recipe => ({
  name,
  title: flagsOf(settings),
  by: 'froyolo',
  settings,
});

const flagsOf = (settings: Recipe['settings']) =>
  Object.entries(settings)
    .map(([flag, value]) => `--${flag} ${value}${flag === 'time' ? 's' : ''}`)
    .join(' ');

export interface Plan {
  readonly datasets: readonly { readonly name: string; readonly data: string }[];
  readonly sizes: readonly number[];
  readonly recipes: readonly string[];
  readonly seeds: number;
}

/** Seed by seed, so that what is finished can be compared. */
export function armsOf({ datasets, sizes, recipes, seeds }: Plan): Arm[] {
  return Array.from({ length: seeds }, (_, seed) =>
    datasets.flatMap(({ name: dataset, data }) =>
      sizes.flatMap((images) =>
        recipes.map((name) => ({ data, dataset, images, recipe: recipeNamed(name), seed })),
      ),
    ),
  ).flat();
}

/** Name of an arm's file. */
export const armFile = ({ dataset, images, recipe, seed }: Arm) =>
  `${dataset}-${images || 'all'}-${recipe.name}-${seed}.json`.replace(/[^\w.@-]/g, '_');

/** The part of the arms that machine `index` (from 1) of `count` takes. */
export function shareOf<T>(arms: readonly T[], index: number, count: number): T[] {
  return arms.filter((_, i) => i % count === index - 1);
}

/** What is measured: a training of each recipe on each number of images of each dataset, with each seed. */

/** A training: ours as settings of `froyolo train`, or the reference's. */
export interface Recipe {
  readonly name: string;
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
  const length = epochs === undefined ? {} : { epochs: Number(epochs) };
  const freeze = value === undefined ? {} : { freeze: [value] };
  if (kind === 'auto') return { name, by: 'froyolo', settings: { recipe: 'auto', ...freeze, ...length } };
  if (kind === 'time' && Number(epochs ?? value) > 0)
    return {
      name,
      by: 'froyolo',
      settings: { ...(epochs === undefined ? {} : freeze), time: Number(epochs ?? value) },
    };
  if (kind === 'yolov5' || kind === 'reference')
    return {
      name,
      by: kind === 'yolov5' ? 'froyolo' : 'reference',
      settings: { epochs: 30, ...freeze, ...length },
    };
  throw new Error(`"${name}" is no recipe: yolov5-10@30, auto, auto-10@60, time-60, reference-0@30`);
}

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

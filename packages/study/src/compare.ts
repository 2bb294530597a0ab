/** `froyolo compare`: trains with several freezes and seeds and puts the figures side by side. */
import { join } from 'node:path';
import { removeUnfinished } from '@froyolo/common/node';
import { buildModel, type Model, parseModelYaml } from '@froyolo/model-yaml';
import { hyperparametersOf, type LoadOptions, stagesOf } from '@froyolo/run';
import { loadArchitecture, loadDetector, nodeHost } from '@froyolo/run/node';
import type { StudyRecipe, TrainOptions } from '@froyolo/run/settings';
import { canCacheFeatures } from '@froyolo/yolo';
import { ArmFolder, type ArmState } from './arm-folder.js';
import { identityOf } from './arm-identity.js';
import { DevicePool } from './device-pool.js';
import { eachAtOnce } from './each-at-once.js';
import { StudyError } from './errors.js';
import { launchInProcess } from './launch.js';
import type { ArmEvents, ArmLauncher, ArmOrder } from './launcher.js';
import type { StudyResults } from './result-types.js';
import { ResultsWriter } from './results-writer.js';
import { type Arm, armsOf, freezeSettings, type Study, writeStudy } from './study.js';

export interface CompareEvents {
  /** Reports a download of weights: bytes done and bytes in total. */
  onDownload?(done: number, total: number): void;
  onArm?(event: ArmEvent): ArmEvents;
  /** After each run, and at the end: the results so far. */
  onResults?(results: StudyResults): void | Promise<void>;
}

/** A run begins, or is kept. */
export interface ArmEvent extends Arm {
  /** Its place among the `count` runs of the study, from 0. */
  readonly index: number;
  readonly count: number;
  /** Whether it was done before. */
  readonly isFinished: boolean;
}

export interface CompareOptions {
  readonly signal?: AbortSignal;
  /** Does a run, here or elsewhere. By default in its own process. */
  readonly launch?: ArmLauncher;
  /** Runs that are under way at the same time; by default one on each device of the recipe. */
  readonly atOnce?: number;
}

export interface CompareResult {
  readonly status: 'finished' | 'stopped';
  readonly results: StudyResults;
}

/**
 * Does the runs of a study, by default one after the other, and writes `study.json` and `results.json` into its folder, each run in a
 * folder of its own below. Runs that are finished are kept, an interrupted one goes on from its last checkpoint.
 * @param folder made if it does not exist; one that holds the same study is continued
 * @throws StudyError, or an error of the weights, the data or a selector, before anything is trained
 */
export async function compareFreezes(
  folder: string,
  study: Study,
  events: CompareEvents = {},
  { signal = new AbortController().signal, launch = launchInProcess, ...options }: CompareOptions = {},
): Promise<CompareResult> {
  const cacheable = await checkFreezes(study, events, signal);
  const pool = await DevicePool.open(study.recipe.device);
  const arms = armsOf(study);
  for (const path of ['', 'charts', ...arms.map((arm) => arm.folder)])
    await removeUnfinished(join(folder, path));
  await writeStudy(folder, study);
  const ordered = arms.map((arm) => {
    const settings = settingsOfArm(study.recipe, arm, cacheable.has(arm.freeze));
    return { arm, order: { folder, name: arm.folder, settings } };
  });
  for (const { order } of ordered) await stateOf(order);
  const { atOnce = pool.size } = options;
  // A caller that sets the number of runs also provides the devices for them.
  const onDevice = options.atOnce === undefined ? pool.use.bind(pool) : withoutPool;
  const writer = new ResultsWriter(folder, study, (results) => events.onResults?.(results));
  const run = async ({ arm, order }: { arm: Arm; order: ArmOrder }, index: number) => {
    if (signal.aborted) return 'stop';
    const isFinished = (await stateOf(order))?.status === 'finished';
    const armEvents = events.onArm?.({ ...arm, index, count: arms.length, isFinished }) ?? {};
    if (isFinished) return 'go on';
    const status = await onDevice((device) => {
      const placed = device === undefined ? order.settings : { ...order.settings, device };
      return launch({ ...order, settings: placed }, signal, armEvents);
    });
    if (status === 'stopped') return 'stop';
    if (index + 1 < arms.length) await writer.update();
    return 'go on';
  };
  await eachAtOnce(ordered, atOnce, run);
  const results = await writer.write();
  const isFinished = results.arms.every(({ status }) => status === 'finished');
  return { status: isFinished ? 'finished' : 'stopped', results };
}

/** @throws StudyError if `arm.json` is damaged, or of another run */
function stateOf({ folder, name, settings }: ArmOrder): Promise<ArmState | undefined> {
  return new ArmFolder(join(folder, name)).readState(identityOf(settings));
}

const withoutPool: DevicePool['use'] = (work) => work(undefined);

function settingsOfArm(recipe: StudyRecipe, { freeze, seed }: Arm, canCache: boolean): TrainOptions {
  return { ...recipeOfArm(recipe, canCache), ...freezeSettings(freeze), seed };
}

/** A run whose first layers learn has no features to cache: it reads images. */
function recipeOfArm({ cache, ...recipe }: StudyRecipe, canCache: boolean): StudyRecipe {
  return cache === undefined || (cache === 'features' && !canCache) ? recipe : { ...recipe, cache };
}

/**
 * An invalid selector fails now and not after the runs before it.
 * @returns the freezes whose features can be cached
 */
async function checkFreezes(
  { recipe, freezes }: Study,
  { onDownload }: CompareEvents,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const model = await modelOf(recipe, { signal, ...(onDownload ? { onDownload } : {}) });
  const hyp = await hyperparametersOf(nodeHost, recipe);
  if (hyp.unfreeze)
    throw new StudyError(
      `the hyperparameters unfreeze layers (${hyp.unfreeze}): in a study a freeze says that itself, such as 24/10:20`,
    );
  const firstPolicy = (freeze: string) =>
    stagesOf({ model }, { ...recipe, ...freezeSettings(freeze) }, hyp).stages[0].policy;
  return new Set(freezes.filter((freeze) => canCacheFeatures(firstPolicy(freeze))));
}

async function modelOf({ cfg, weights }: StudyRecipe, options: LoadOptions): Promise<Model> {
  if (!cfg) return (await loadDetector(weights, options)).model;
  const { text, fileName } = await loadArchitecture(cfg);
  return buildModel(parseModelYaml(text, { fileName }));
}

/** Prepares all that a run is made of by its settings: data, detector, stages, device. */
import type { OpenedDevice } from '@froyolo/core/devices';
import type { Hyperparameters } from '@froyolo/data';
import {
  type Detector,
  DetectorError,
  type Pace,
  type TrainingStages,
  type TrainingState,
} from '@froyolo/yolo';
import { withBatchPicked } from './auto-batch.js';
import { withFreezePicked } from './auto-freeze.js';
import { dataChanges, recordData } from './data-record.js';
import { familiarity } from './familiarity.js';
import { checkFeatures } from './feature-cache.js';
import type { Host, LoadOptions, RunData } from './host.js';
import { hyperparametersOf } from './hyperparameters.js';
import { matchClasses } from './match-classes.js';
import { type Cooked, isFreezeGiven, plannedBatch, recipeName, withRecipe } from './recipe/apply.js';
import { withFamiliarity } from './recipe/learning-rate.js';
import { oneClassLoss } from './recipe/one-class.js';
import { autoRecipe } from './recipe/recipe.js';
import type { Recipe } from './recipe/recipe-type.js';
import { givenPart } from './recipe/trained-part.js';
import type { RunRecord } from './saved-run.js';
import {
  resolveSettings,
  SETTINGS,
  SettingsError,
  type TrainOptions,
  type TrainSettings,
} from './settings/index.js';
import { stagesOf } from './stages.js';
import { type Started, startDetector } from './start-detector.js';
import { planTimedRun, resumedPace } from './timed-run.js';

/** A run that is ready to train. */
export interface PreparedRun extends Omit<Started, 'withAnswers'> {
  /** With picked values in place of `auto`. */
  readonly settings: TrainSettings;
  readonly hyp: Hyperparameters;
  readonly data: RunData;
  readonly stages: TrainingStages;
  readonly device: OpenedDevice;
  readonly freezeReason?: string;
  readonly batchReason?: readonly string[];
  /** What was made from the dataset, with the recipe `auto`. */
  readonly recipe?: Recipe;
  /** Leads a run of a given wall time. */
  readonly pace?: Pace;
  /** Lines about the settings and the folder of a run that goes on. */
  readonly warnings?: readonly string[];
  /** Where it goes on. */
  readonly resume?: TrainingState;
}

export interface PrepareOptions extends LoadOptions {
  /** Seconds of the setting `time` that have passed. By default since the call. */
  elapsed?: (() => number) | undefined;
}

/**
 * Prepares a new run. A selector without a meaning, or a device that does not exist, fails here, before anything is written.
 * @throws SettingsError, FreezeError, TrainingError, DeviceError, and errors of the data or the weights
 */
export async function prepareRun(
  host: Host,
  options: TrainOptions,
  { elapsed = stopwatch(), ...load }: PrepareOptions = {},
): Promise<PreparedRun> {
  const named = resolveSettings(SETTINGS, 'train', options);
  checkTogether(named);
  const before = { settings: named, hyp: await hyperparametersOf(host, named) };
  const opened = await host.openData(named);
  const { withAnswers, ...start } = await startDetector(host, named, opened, before.hyp, load);
  const { time } = named;
  const timed =
    time === undefined
      ? undefined
      : await planTimedRun(host, time, options, before, start.detector, opened, elapsed);
  let device = timed?.device;
  try {
    const planned = timed?.recipe ?? recipeFor(options, before, opened, start.detector);
    const cooked = timed?.cooked ?? (planned ? withRecipe(options, before, planned) : before);
    const chosen = choose(start, cooked);
    device ??= await host.openDevice(chosen.settings);
    const data = timed?.data ?? opened;
    const images = data.train.images.length;
    const { stages } = chosen.stages;
    const freeze = (stages.at(-1) ?? stages[0]).policy;
    const needs = { detector: start.detector, freeze, hyp: chosen.hyp, device, images };
    const batch = await withBatchPicked(host, chosen.settings, needs);
    const started = { ...start, ...(await withAnswers?.(device.executor)) };
    // Given hyperparameters count more than how familiar the data is to the weights.
    const familiar =
      planned && start.transferred && options.hyp === undefined
        ? withFamiliarity(
            planned,
            await familiarity(started.detector, opened, batch.settings, device.executor),
          )
        : undefined;
    const ofClass = oneClassLoss(chosen.hyp, started.classes);
    const recipe = familiar ?? planned;
    return {
      ...started,
      ...chosen,
      ...batch,
      hyp: { ...chosen.hyp, ...familiar?.hyp, ...ofClass },
      ...(recipe ? { recipe: { ...recipe, hyp: { ...recipe.hyp, ...ofClass } } } : {}),
      ...(timed ? { pace: timed.pace } : {}),
      data,
      device,
    };
  } catch (error) {
    if (device) await host.closeDevice(device);
    throw error;
  }
}

/** @throws SettingsError for settings that exclude each other */
function checkTogether({ quad, batchSize, imageWeights, rect }: TrainSettings): void {
  if (quad && batchSize === -1)
    throw new SettingsError('quad', 'the memory of joined images is not planned: give a batch size');
  if (imageWeights && rect)
    throw new SettingsError('imageWeights', 'batches of rect hold every image once: leave out one of them');
}

/** What is frozen, and trained when. */
function choose(
  { detector }: Pick<Started, 'detector'>,
  { settings: given, hyp }: Cooked,
): Pick<PreparedRun, 'settings' | 'hyp' | 'stages' | 'freezeReason'> {
  const { settings, ...reason } = withFreezePicked(detector, given, hyp);
  const stages = stagesOf(detector, settings, hyp);
  if (settings.cache === 'features')
    checkFeatures(detector, { ...settings, hyp, freeze: stages.stages[0].policy });
  return { settings, hyp, stages, ...reason };
}

function stopwatch(): () => number {
  const started = performance.now();
  return () => (performance.now() - started) / 1000;
}

function recipeFor(
  options: TrainOptions,
  before: Cooked,
  { train: { images } }: RunData,
  detector: Detector,
): Recipe | undefined {
  if (recipeName(options) !== 'auto') return undefined;
  const { epochs } = options;
  const facts = { images: images.length, batchSize: plannedBatch(before.settings.batchSize), epochs };
  if (!isFreezeGiven(options)) return autoRecipe(facts);
  return autoRecipe({ ...facts, isFreezeGiven: true, trained: givenPart(detector, before) });
}

/** An interrupted run: its settings, and its progress. */
export interface SavedRun extends RunRecord {
  readonly detector: Detector;
  readonly state: TrainingState;
}

/** Prepares a run to go on where it stopped. */
export async function prepareResume(host: Host, saved: SavedRun): Promise<PreparedRun> {
  const { settings, hyp, detector, state: resume } = saved;
  const data = await host.openData(settings);
  checkClasses(detector, data, settings.data);
  const stages = stagesOf(detector, settings, hyp);
  const device = await host.openDevice(settings);
  const pace = resumedPace(settings, hyp, resume.progress.seconds);
  const warnings = dataChanges(saved.data, recordData(data)).map((text) => `${settings.data}: ${text}`);
  return {
    settings,
    hyp,
    data,
    stages,
    device,
    detector,
    resume,
    warnings,
    anchors: [],
    ...(pace ? { pace } : {}),
  };
}

/** @throws DetectorError if the dataset's classes are not those that the run began with, in their order */
function checkClasses({ names }: Detector, { train }: RunData, data: string): void {
  const { toDetector } = matchClasses(names, train.names, data);
  if (!toDetector) return;
  const advice = 'list them as the run began with them, the label files too, or start a new run';
  throw new DetectorError(
    `${data}: its classes (${train.names.join(', ')}) are not those of the run in their order (${names.join(', ')}): ${advice}`,
    { where: data, advice },
  );
}

/** A run in a given wall time: the device is opened first, because its speed decides how much fits. */
import type { Executor } from '@froyolo/core';
import type { OpenedDevice } from '@froyolo/core/devices';
import type { Batch } from '@froyolo/data';
import { type Detector, roundedImgsz, strideOf, validate } from '@froyolo/yolo';
import type { Host, RunData } from './host.js';
import { type Cooked, isCacheGiven, isFreezeGiven, plannedBatch, withRecipe } from './recipe/apply.js';
import { autoRecipe } from './recipe/recipe.js';
import type { Recipe } from './recipe/recipe-type.js';
import { givenPart, type TrainedPart } from './recipe/trained-part.js';
import { variantsFor } from './recipe/variants.js';
import type { TrainOptions, TrainSettings } from './settings/index.js';
import { TimePace } from './time/time-pace.js';
import { planTime, type TimePlan, WHOLE_STAGE } from './time/time-plan.js';

export interface TimedRun {
  readonly cooked: Cooked;
  readonly recipe: Recipe;
  readonly device: OpenedDevice;
  /** With as many images to validate on as there is time for. */
  readonly data: RunData;
  readonly pace: TimePace;
}

/** Seconds in which a run's last files are written and its charts drawn. */
const ENDING = 2;
/** Until the first step: the step is compiled, images are read. */
const BEGINNING = 3;
/** More than any time allows. */
const ENDLESS = 1_000_000;

/**
 * @param options as given, which count more than the plan
 * @param elapsed seconds of the time that have passed
 */
export async function planTimedRun(
  host: Host,
  seconds: number,
  options: TrainOptions,
  before: Cooked,
  detector: Detector,
  data: RunData,
  elapsed: () => number,
): Promise<TimedRun> {
  const device = await host.openDevice(before.settings);
  try {
    const inference = await inferenceSeconds(detector, data, before.settings, device.executor, elapsed);
    const batchSize = plannedBatch(before.settings.batchSize);
    const images = data.train.images.length;
    const left = Math.max(seconds - elapsed() - BEGINNING - ENDING, 0);
    const valImages = data.val.images.length;
    const trained = givenPart(detector, before);
    const plan = planTime({ seconds: left, images, valImages, batchSize, inference, trained });
    const learning = trained ?? (plan.stage || isFreezeGiven(options) ? undefined : 'neck and head');
    const facts = { images, batchSize, epochs: plan.epochs };
    const recipe = autoRecipe({ ...facts, isFreezeGiven: true, trained: learning });
    const { validation } = plan;
    const stages = plan.stage && !isFreezeGiven(options) ? [plan.stage] : [];
    return {
      recipe,
      device,
      cooked: planned({ ...plan, trained }, options, withRecipe(options, before, recipe)),
      data: data.withValImages(spread(data.val.images, plan.valImages)),
      pace: new TimePace({ seconds, elapsed, validation, stages, ending: ENDING }),
    };
  } catch (error) {
    await host.closeDevice(device);
    throw error;
  }
}

/** The pace of a run that goes on: with the time that it has left. */
export function resumedPace(
  { time }: Pick<TrainSettings, 'time'>,
  { unfreeze }: Cooked['hyp'],
  before = 0,
): TimePace | undefined {
  if (time === undefined) return undefined;
  const started = performance.now();
  return new TimePace({
    seconds: time,
    began: 0,
    validation: 0,
    ending: ENDING,
    elapsed: () => before + (performance.now() - started) / 1000,
    stages: unfreeze ? [WHOLE_STAGE] : [],
  });
}

/** Settings, with values of the plan for those not given. */
function planned(
  { freeze, unfreeze, frozenEpochs, trained }: TimePlan & { readonly trained: TrainedPart },
  options: TrainOptions,
  { settings, hyp }: Cooked,
): Cooked {
  const length = { epochs: options.epochs ?? ENDLESS, patience: options.patience ?? 0 };
  const { cacheIn = 'ram', cacheVariants = variantsFor(frozenEpochs, trained) } = options;
  const cached = { cache: 'features', cacheIn, cacheVariants } as const;
  if (!isFreezeGiven(options))
    return {
      settings: { ...settings, ...length, freeze, ...cached },
      hyp: { ...hyp, ...(unfreeze ? { unfreeze } : {}) },
    };
  const isCached = trained && !isCacheGiven(options);
  return { settings: { ...settings, ...length, ...(isCached ? cached : {}) }, hyp };
}

/** Seconds of inference per image, of a batch's second run: the first also compiles. */
async function inferenceSeconds(
  detector: Detector,
  data: RunData,
  settings: TrainSettings,
  executor: Executor,
  elapsed: () => number,
): Promise<number> {
  const stride = strideOf(detector);
  const batchSize = plannedBatch(settings.batchSize);
  const some = data.val.images.slice(0, batchSize);
  const size = roundedImgsz(detector, settings.imgsz);
  const loader = await data.openImages('val', some, { imgsz: size, stride, batchSize });
  let [began, ended, images] = [0, 0, 1];
  try {
    await validate(detector, twice(loader.epoch(0)), {
      executor,
      onBatch: ({ batch, images: done }) => {
        [began, ended] = [ended, elapsed()];
        images = done / batch;
      },
    });
  } finally {
    await loader.close();
  }
  return (ended - began) / images;
}

async function* twice(batches: AsyncIterable<Batch>): AsyncGenerator<Batch> {
  for await (const batch of batches) {
    yield batch;
    yield batch;
    return;
  }
}

/** Picks `count` items spread evenly over a list. */
function spread<T>(items: readonly T[], count: number): T[] {
  return items.filter(
    (_, i) => Math.floor(((i + 1) * count) / items.length) > Math.floor((i * count) / items.length),
  );
}

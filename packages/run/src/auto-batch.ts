/** `--batch-size -1`: the largest batch that memory has room for. */
import type { Executor } from '@froyolo/core';
import { DeviceFailedError, type OpenedDevice } from '@froyolo/core/devices';
import type { Hyperparameters } from '@froyolo/data';
import type { FreezePolicy } from '@froyolo/freeze';
import { type Detector, TrainingError } from '@froyolo/yolo';
import type { Host } from './host.js';
import { measureSteps, type StepMeasurement } from './measure-step.js';
import { gigabytes } from './plan/gigabytes.js';
import { type PlanOptions, planTrainingStep } from './plan/plan-step.js';
import { surroundingBytes } from './plan/process-bytes.js';
import type { TrainSettings } from './settings/index.js';
import { largestImgsz } from './start-detector.js';

/** Share of the free memory that training may take; the rest is for validation, loaders and everybody else. */
export const MEMORY_SHARE = 0.8;

export interface AutoBatchOptions extends Omit<PlanOptions, 'batchSize'> {
  readonly detector: Detector;
  readonly freeze: FreezePolicy;
  readonly executor: Executor;
  /** Bytes that training may take, and where the figure comes from, in words. */
  readonly memory: { readonly bytes: number; readonly source: string };
  /** Images of the training set: a larger batch can't be filled. */
  readonly images: number;
  /** Whether the device uses the memory of the process, so that the process shows what a trial takes. */
  readonly hostMemory: boolean;
  /** Resident bytes of the process. */
  processBytes(): number;
  /** Bytes of a step with a batch of this size. By default planned from its graphs. */
  predict?(batchSize: number): number;
  /** Runs one training step with a batch of this size. By default on `executor`. */
  trial?(batchSize: number): Promise<StepMeasurement>;
}

export interface AutoBatch {
  readonly batchSize: number;
  /** What was picked and why, a line each. */
  readonly lines: readonly string[];
}

const MOST_IMAGES = 1024;

/**
 * The largest batch whose step fits by the plan, made smaller until one trial step runs within the memory.
 * @throws TrainingError when not even one image fits
 */
export async function autoBatch(options: AutoBatchOptions): Promise<AutoBatch> {
  const { memory, images, hostMemory, detector, executor, freeze } = options;
  const predict = options.predict ?? plannedBytes(options);
  const trial =
    options.trial ??
    ((batchSize) =>
      measureSteps(detector, executor, { ...options, freeze }, { ...options, batchSize, steps: 1 }));
  const lines: string[] = [];
  let batchSize = largestThat((n) => predict(n) <= memory.bytes, Math.min(images, MOST_IMAGES));
  while (batchSize > 0) {
    const tried = await outcome(trial, batchSize);
    if (tried instanceof DeviceFailedError)
      lines.push(`a trial step with ${batchSize} images failed (${tried.message})`);
    else if (hostMemory && tried.grownBy > memory.bytes)
      lines.push(`a trial step with ${batchSize} images took ${gigabytes(tried.grownBy)}`);
    else return { batchSize, lines: [...lines, chosen(batchSize, predict(batchSize), options)] };
    batchSize = Math.floor(batchSize * 0.75);
  }
  throw new TrainingError(
    `no batch size fits: one image takes ${gigabytes(predict(1))}, and there are ${gigabytes(memory.bytes)} ` +
      `(${memory.source})${lines.map((line) => `; ${line}`).join('')}. Freeze more layers or use smaller images`,
  );
}

/** Memory is a constant and a part per image: two plans give both. The process counts where the step shares its memory. */
function plannedBytes({ detector, freeze, hostMemory, ...rest }: AutoBatchOptions): (n: number) => number {
  const bytesOf = (batchSize: number) => {
    const options = { hyp: rest.hyp, imgsz: rest.imgsz, optimizer: rest.optimizer, batchSize };
    const { peakBytes } = planTrainingStep(detector, freeze, options);
    return peakBytes + (hostMemory ? surroundingBytes(detector, options) : 0);
  };
  const [few, many] = [4, 16];
  const small = bytesOf(few);
  const perImage = (bytesOf(many) - small) / (many - few);
  return (batchSize) => small + (batchSize - few) * perImage;
}

/** The largest number up to `most` with a property that every smaller number has too; 0 where 1 hasn't it. */
function largestThat(holds: (n: number) => boolean, most: number): number {
  let [low, high] = [0, most];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

async function outcome(
  trial: (batchSize: number) => Promise<StepMeasurement>,
  batchSize: number,
): Promise<StepMeasurement | DeviceFailedError> {
  try {
    return await trial(batchSize);
  } catch (error) {
    if (error instanceof DeviceFailedError) return error;
    throw error;
  }
}

function chosen(batchSize: number, bytes: number, { memory, images }: AutoBatchOptions): string {
  const why = batchSize === images ? 'all images of the training set' : 'the largest that fits';
  return (
    `batch size ${batchSize}: ${why}; training takes about ${gigabytes(bytes)} of ${gigabytes(memory.bytes)} ` +
    `(${memory.source}), and one step was tried`
  );
}

export interface BatchSettings {
  readonly settings: TrainSettings;
  /** Which batch size was picked and why, a line each; absent if none had to be. */
  readonly batchReason?: readonly string[];
}

/** All that a batch size depends on. */
export interface BatchNeeds {
  readonly detector: Detector;
  /** The freeze of the last stage, which takes most memory. */
  readonly freeze: FreezePolicy;
  readonly hyp: Hyperparameters;
  readonly device: OpenedDevice;
  /** Images of the training set. */
  readonly images: number;
}

/**
 * The same settings, with a number in the place of a batch size of -1: what fits into `memory`, or into 0.8 of the
 * device's free memory.
 * @throws TrainingError if nothing fits, or the device doesn't say how much memory it has and `memory` isn't given
 */
export async function withBatchPicked(
  host: Host,
  settings: TrainSettings,
  { detector, freeze, hyp, device, images }: BatchNeeds,
): Promise<BatchSettings> {
  if (settings.batchSize !== -1) return { settings };
  const { batchSize, lines } = await autoBatch({
    detector,
    freeze,
    hyp,
    images,
    optimizer: settings.optimizer,
    executor: device.executor,
    imgsz: largestImgsz(detector, settings),
    memory: await memoryFor(host, settings, device),
    hostMemory: device.device.answersTo.includes('cpu'),
    processBytes: () => host.processBytes(),
  });
  return { settings: { ...settings, batchSize }, batchReason: lines };
}

async function memoryFor(
  host: Host,
  { memory }: TrainSettings,
  opened: OpenedDevice,
): Promise<AutoBatchOptions['memory']> {
  if (memory !== undefined) return { bytes: memory, source: 'the memory that was given' };
  const known = await host.deviceMemory(opened);
  if (!known)
    throw new TrainingError(
      `${opened.device.name} doesn't say how much memory it has: give a batch size, or the memory`,
    );
  const source = `${MEMORY_SHARE} of ${gigabytes(known.free)} that are free`;
  return { bytes: MEMORY_SHARE * known.free, source };
}

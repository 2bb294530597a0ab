/** What runs during a stage of training: the programs for its freeze, and the batches that they are fed. */
import type { Executor } from '@froyolo/core';
import type { Batch } from '@froyolo/data';
import type { BatchSource, FeatureBatch, FeatureSource } from '../batches/sources.js';
import { fullAccumulation } from '../recipe/schedule.js';
import { canCacheFeatures } from '../step/split-gradients.js';
import { type Carried, StepRunner } from '../step/step-runner.js';
import type { TrainOptions } from './events.js';
import { stepOptionsOf, type TrainingStages } from './stages.js';

export class OpenStage {
  readonly runner: StepRunner;
  readonly batches: BatchSource<Batch | FeatureBatch>;
  readonly #features: FeatureSource | undefined;

  private constructor(runner: StepRunner, images: BatchSource, features: FeatureSource | undefined) {
    this.runner = runner;
    this.batches = features ?? images;
    this.#features = features;
  }

  /**
   * Compiles a stage.
   * @param carried values that it goes on from
   */
  static async open(
    options: TrainOptions & { readonly executor: Executor },
    stages: TrainingStages,
    index: number,
    carried?: Carried,
  ): Promise<OpenStage> {
    const { detector, hyp, imgsz, executor, optimizer = 'SGD', amp = false, quad = false } = options;
    const updatesEachBatch = fullAccumulation(options.batchSize, hyp.nbs) === 1;
    const joined = quad ? ({ shape: [2 * imgsz, 2 * imgsz], lossGain: 4 } as const) : {};
    const step = { hyp, imgsz, optimizer, amp, ...joined, ...stepOptionsOf(stages, index) };
    // A first stage whose features can't be cached is a mistake, and an error; a later one is fed with images.
    const isCached = index === 0 || canCacheFeatures(step.freeze);
    const features = isCached ? await options.features?.(detector, step) : undefined;
    try {
      const own = { ...step, updatesEachBatch, fromFeatures: features !== undefined };
      const batches = features ?? options.train;
      const runner = await StepRunner.create(detector, executor, own, carried, batches);
      return new OpenStage(runner, options.train, features);
    } catch (error) {
      await features?.close();
      throw error;
    }
  }

  /** Whether it is fed with features. */
  get fromFeatures(): boolean {
    return this.#features !== undefined;
  }

  async close(): Promise<void> {
    // A device that failed may fail again here; what it failed with first is what counts.
    await this.runner.dispose().catch(() => undefined);
    await this.#features?.close();
  }
}

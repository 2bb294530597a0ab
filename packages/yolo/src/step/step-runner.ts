/** Runs the graphs of training on an executor: a program per image shape, and the store that they share. */
import {
  chain,
  type Executor,
  type FlatVector,
  type Graph,
  type Program,
  packValues,
  type Store,
  sameShape,
  type Tensor,
  tensor,
  type UpdateSettings,
  unpackValues,
  updateFeeds,
  whiteningOf,
} from '@froyolo/core';
import type { Batch } from '@froyolo/data';
import type { FreezePolicy } from '@froyolo/freeze';
import type { BatchSource, FeatureBatch } from '../batches/sources.js';
import type { Detector } from '../detector/detector.js';
import { TrainingError } from '../errors.js';
import { type Losses, lossesIn } from '../loss/losses.js';
import { stepFeeds } from './feeds.js';
import {
  buildGradientGraph,
  buildTrainingStep,
  type TrainingStep,
  type TrainingStepOptions,
} from './step-graph.js';
import { whiteningFor } from './whitening.js';

const GRADIENT = 'grad/';
const AVERAGE = 'ema/';

/** Values that training goes on from. */
export interface Carried {
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** What was frozen when they were read: it may have no values among them, and starts fresh. */
  readonly freeze: FreezePolicy;
}

/** Runs training steps and updates; holds the store with parameters, gradients and optimizer state. */
export class StepRunner {
  readonly #detector: Detector;
  readonly #executor: Executor;
  readonly #options: TrainingStepOptions;
  readonly #vectors: readonly FlatVector[];
  readonly #store: Store;
  readonly #updateGraph: Graph;
  /** Absent if each batch's program updates, too. */
  readonly #update: Program | undefined;
  /** Programs by height and width of the images. */
  readonly #programs = new Map<string, Promise<Program>>();

  private constructor(
    detector: Detector,
    executor: Executor,
    options: TrainingStepOptions,
    { vectors, updateGraph }: TrainingStep,
    store: Store,
    update: Program | undefined,
  ) {
    this.#detector = detector;
    this.#executor = executor;
    this.#options = options;
    this.#vectors = vectors;
    this.#store = store;
    this.#updateGraph = updateGraph;
    this.#update = update;
  }

  /**
   * @param carried values of an interrupted run or an earlier stage, which replace those that training starts from
   * @param batches what it will be fed with: layers to whiten are measured on the first of them
   */
  static async create(
    detector: Detector,
    executor: Executor,
    given: TrainingStepOptions,
    carried?: Carried,
    batches?: BatchSource<Batch | FeatureBatch>,
  ): Promise<StepRunner> {
    const { prefersOneProgram = false, filterOrder } = executor;
    const options = { ...given, filterOrder };
    if (options.amp && !executor.halfPrecision)
      throw new TrainingError(
        `${executor.name} has no half precision: train without amp, or on a CUDA device or wgsl`,
      );
    const step = buildTrainingStep(detector, options);
    if (carried) checkCarried(carried, step);
    const values = new Map([...step.initialState, ...(carried?.tensors ?? [])]);
    const store = await executor.createStore(packValues(step.vectors, values));
    const measured =
      batches && (await whiteningFor(step, executor, options, batches, store, carried?.tensors));
    if (measured) await store.write(packValues(step.vectors, measured));
    const isOne = prefersOneProgram && options.updatesEachBatch;
    const update = isOne ? undefined : await executor.compile(step.updateGraph);
    const runner = new StepRunner(detector, executor, options, step, store, update);
    const { imgsz, shape = [imgsz, imgsz] } = options;
    try {
      await runner.#compile(shape, step.gradientGraph);
    } catch (error) {
      await runner.dispose();
      throw error;
    }
    return runner;
  }

  /** Names of what is trained. */
  get trained(): string[] {
    return this.#trained.flatMap(({ parts }) => parts.map(({ name }) => name));
  }

  get #trained(): FlatVector[] {
    const stored = new Set(this.#store.names);
    return this.#vectors.filter(({ name }) => stored.has(GRADIENT + name));
  }

  /** Adds the gradients of a batch, and returns its losses; the update that follows may be a part of the same program. */
  async step(batch: Batch | FeatureBatch, settings?: UpdateSettings): Promise<Losses> {
    const program = await this.#programFor([batch.shape[2], batch.shape[3]]);
    const feeds = stepFeeds(batch, this.#detector, this.#options);
    if (settings && !this.#update) Object.assign(feeds, updateFeeds(settings));
    const outputs = await program.run(feeds, this.#store);
    return lossesIn(outputs, this.#detector.family.lossTerms);
  }

  /** Updates parameters and averages from the accumulated gradients, which are zero afterwards, unless the step did. */
  async update(settings: UpdateSettings): Promise<void> {
    await this.#update?.run(updateFeeds(settings), this.#store);
  }

  async dropGradients(): Promise<void> {
    const zeros = this.#trained.map(
      ({ name, size }) => [GRADIENT + name, tensor(new Float32Array(size))] as const,
    );
    await this.#store.write(new Map(zeros));
  }

  /** Values by name, from which a run can go on; the gradients too where an update is due. */
  async readState(withGradients: boolean): Promise<Map<string, Tensor>> {
    const names = this.#store.names.filter((name) => withGradients || !name.startsWith(GRADIENT));
    return unpackValues(this.#vectors, await this.#store.read(names));
  }

  async dispose(): Promise<void> {
    for (const program of this.#programs.values()) await (await program.catch(() => undefined))?.dispose();
    await this.#update?.dispose();
    await this.#store.dispose();
  }

  #programFor(shape: readonly [height: number, width: number]): Promise<Program> {
    const known = this.#programs.get(String(shape));
    return known ?? this.#compile(shape, buildGradientGraph(this.#detector, { ...this.#options, shape }));
  }

  #compile(shape: readonly [number, number], gradients: Graph): Promise<Program> {
    const program = this.#executor.compile(this.#update ? gradients : chain(gradients, this.#updateGraph));
    this.#programs.set(String(shape), program);
    return program;
  }
}

/** The detector with the averaged values of a state in place of its own. */
export function averagedDetector(detector: Detector, state: ReadonlyMap<string, Tensor>): Detector {
  const tensors = new Map(detector.tensors);
  for (const [name, value] of state)
    if (name.startsWith(AVERAGE)) tensors.set(name.slice(AVERAGE.length), value);
  return { ...detector, tensors };
}

function checkCarried({ tensors, freeze }: Carried, { initialState, moments }: TrainingStep): void {
  const measured = new Set(moments?.layers.map((layer) => whiteningOf(layer).name));
  for (const [name, { shape }] of initialState) {
    const value = tensors.get(name);
    if (!value && (name.startsWith(GRADIENT) || measured.has(name) || wasFrozen(name, freeze))) continue;
    if (!value || !sameShape(value.shape, shape))
      throw new TrainingError(
        `the state to resume from has no "${name}" [${shape}]: resume with the same model, freeze and optimizer`,
      );
  }
}

/** Whether the value was frozen: a parameter, its average or momentum, or a statistic of its layer. */
function wasFrozen(name: string, { frozen, freezeBn }: FreezePolicy): boolean {
  const own = name.slice(name.lastIndexOf('/') + 1);
  if (!/\.running_\w+$/.test(own)) return frozen.has(own);
  return freezeBn === 'eval' && frozen.has(own.replace(/running_\w+$/, 'weight'));
}

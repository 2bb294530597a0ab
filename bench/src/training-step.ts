/** The training step that is measured, on any executor, in Node or in a page. */
import { type Executor, packValues, updateFeeds } from '@froyolo/core';
import { type Batch, hypPresets } from '@froyolo/data';
import { architectureYaml } from '@froyolo/model-yaml';
import {
  buildTrainingStep,
  createDetector,
  type Detector,
  freezeFor,
  stepFeeds,
  syntheticBatch,
} from '@froyolo/yolo';

const IMGSZ = 320;
export const BATCH = 16;
const REPETITIONS = 8;
/** No further repetition once so much time has gone by: some devices take minutes for a step. */
const ENOUGH_SECONDS = 40;

const NAMES = ['a', 'b', 'c'];
/** What an update is fed. */
export const RATES = {
  lr: { weight: 0.01, bn: 0.01, bias: 0.01 },
  momentum: 0.937,
  weightDecay: 0.0005,
  update: 1,
};

export const benchDetector = (): Detector =>
  createDetector(architectureYaml('yolov5n'), { names: NAMES, seed: 0 });

/** Noise for pixels and ten targets an image, spread over it: the same work as the reference's script. */
export const benchBatch = (): Batch => syntheticBatch(BATCH, IMGSZ, NAMES.length);

/** Seconds of the best of several repetitions. */
export async function bestOf(run: () => Promise<unknown>, repetitions = REPETITIONS): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  const begun = performance.now();
  const enough = () => performance.now() - begun > 1000 * ENOUGH_SECONDS;
  for (let i = 0; i < repetitions && !(i > 1 && enough()); i++) {
    const start = performance.now();
    await run();
    best = Math.min(best, (performance.now() - start) / 1000);
  }
  return best;
}

/** Gradients and update in every repetition: what a nominal batch of one batch costs. */
export async function timeTrainingStep(
  detector: Detector,
  executor: Executor,
  depth: string,
  amp = false,
): Promise<number> {
  const freeze = freezeFor(detector, depth);
  const settings = { hyp: hypPresets['scratch-low'], imgsz: IMGSZ };
  const step = buildTrainingStep(detector, { ...settings, freeze, optimizer: 'SGD', amp });
  const gradient = await executor.compile(step.gradientGraph);
  const update = await executor.compile(step.updateGraph);
  const store = await executor.createStore(packValues(step.vectors, step.initialState));
  const batch = benchBatch();
  return bestOf(async () => {
    await gradient.run(stepFeeds(batch, detector, settings), store);
    await update.run(updateFeeds(RATES), store);
  });
}

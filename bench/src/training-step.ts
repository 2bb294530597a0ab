/** The training step that is measured, on any executor, in Node or in a page. */
import { type Executor, packValues, updateFeeds } from '@froyolo/core';
import { type Batch, hypPresets } from '@froyolo/data';
import { parseFreeze, resolveFreeze } from '@froyolo/freeze';
import { buildTrainingStep, type Detector, stepFeeds } from '@froyolo/yolo';

export const IMGSZ = 320;
export const BATCH = 16;
const REPETITIONS = 8;
/** No further repetition once so much time has gone by: some devices take minutes for a step. */
const ENOUGH_SECONDS = 40;

/** Ten targets an image, spread over the image; noise for pixels: the same work as the reference's script. */
export function syntheticBatch(): Batch {
  const images = Uint8Array.from({ length: BATCH * 3 * IMGSZ ** 2 }, (_, i) => (i * 2654435761) >>> 24);
  const targets = Float32Array.from(
    Array.from({ length: BATCH * 10 }, (_, i) => {
      const spread = (step: number) => (i * step) % 1;
      return [
        Math.floor(i / 10),
        i % 3,
        0.2 + 0.6 * spread(0.618),
        0.2 + 0.6 * spread(0.414),
        0.05 + 0.2 * spread(0.73),
        0.05 + 0.2 * spread(0.27),
      ];
    }).flat(),
  );
  return { images, shape: [BATCH, 3, IMGSZ, IMGSZ], targets, paths: [], meta: [] };
}

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
): Promise<number> {
  const freeze = resolveFreeze(parseFreeze([depth]), detector.model.parameters);
  const settings = { hyp: hypPresets['scratch-low'], imgsz: IMGSZ };
  const step = buildTrainingStep(detector, { ...settings, freeze, optimiser: 'SGD' });
  const gradient = await executor.compile(step.gradientGraph);
  const update = await executor.compile(step.updateGraph);
  const store = await executor.createStore(packValues(step.vectors, step.initialState));
  const batch = syntheticBatch();
  const rates = {
    lr: { weight: 0.01, bn: 0.01, bias: 0.01 },
    momentum: 0.937,
    weightDecay: 0.0005,
    update: 1,
  };
  return bestOf(async () => {
    await gradient.run(stepFeeds(batch, detector, settings), store);
    await update.run(updateFeeds(rates), store);
  });
}

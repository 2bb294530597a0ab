/** Runs training steps on made-up images, to see how fast they are and whether they fit. */
import type { Executor } from '@froyolo/core';
import type { Batch } from '@froyolo/data';
import { type Detector, StepRunner, syntheticBatch, type TrainingStepOptions } from '@froyolo/yolo';

export interface StepMeasurement {
  /** Seconds of each step with its update, the first one included. */
  readonly seconds: readonly number[];
  /** Most bytes that the process grew by while the steps ran. */
  readonly grownBy: number;
}

export interface MeasureOptions {
  readonly batchSize: number;
  readonly steps: number;
  /** Resident bytes of the process; 0 where nobody tells. */
  processBytes(): number;
}

const SAMPLE_MS = 20;
const SETTINGS = {
  lr: { weight: 0, bn: 0, bias: 0 },
  momentum: 0.9,
  weightDecay: 0,
  update: 1,
};

/**
 * Runs `steps` whole training steps: gradients and update, with learning rates of zero.
 * @throws DeviceFailedError (of a guarded executor) where the device can't
 */
export async function measureSteps(
  detector: Detector,
  executor: Executor,
  options: TrainingStepOptions,
  { batchSize, steps, processBytes }: MeasureOptions,
): Promise<StepMeasurement> {
  const before = processBytes();
  let most = before;
  const sampler = setInterval(() => {
    most = Math.max(most, processBytes());
  }, SAMPLE_MS);
  try {
    const runner = await StepRunner.create(detector, executor, options);
    try {
      const batch = syntheticBatch(batchSize, options.imgsz, detector.names.length);
      const seconds = await timeSteps(runner, batch, steps);
      most = Math.max(most, processBytes());
      return { seconds, grownBy: most - before };
    } finally {
      // After a step that failed, too: a smaller one may be tried next.
      await runner.dispose();
    }
  } finally {
    clearInterval(sampler);
  }
}

/** Seconds of each step with its update. */
async function timeSteps(runner: StepRunner, batch: Batch, steps: number): Promise<number[]> {
  const seconds: number[] = [];
  for (let n = 0; n < steps; n++) {
    const started = performance.now();
    await runner.step(batch);
    await runner.update(SETTINGS);
    seconds.push((performance.now() - started) / 1000);
  }
  return seconds;
}

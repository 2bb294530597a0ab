/** A made-up study for tests: its figures have the shape of real ones. */
import { recipeOf, resolveSettings, SETTINGS } from '@froyolo/run/settings';
import type { ArmResult, EpochResult, StudyResults } from '../result-types.js';
import type { Sample } from '../samples.js';

const EPOCHS = 30;
const RECIPE = { weights: 'yolov5n.pt', data: 'data.yaml', epochs: EPOCHS, imgsz: 320, cfg: '<b>&|*' };
const FREEZES = [
  { freeze: '0', trainable: 1_767_976, reach: 0.53, step: 14, memory: 1.9e9 },
  { freeze: '10', trainable: 721_608, reach: 0.45, step: 7, memory: 0.7e9 },
  { freeze: '24', trainable: 10_824, reach: 0.15, step: 4, memory: 0.3e9 },
];

/** Two seeds of three freezes, 30 epochs each; `gpu` adds what a GPU did. */
export function exampleStudy({ gpu = false } = {}): StudyResults {
  const arms = [0, 1].flatMap((seed) => FREEZES.map((one) => arm(one, seed, gpu)));
  const summary = FREEZES.map(({ freeze, trainable, reach, step, memory }) => ({
    freeze,
    runs: 2,
    parameters: 1_767_976,
    trainableParameters: trainable,
    mAP50: { mean: 1.6 * reach, deviation: 0.006 },
    mAP50_95: { mean: reach, deviation: 0.004 },
    bestEpoch: { mean: 28, deviation: 1.4 },
    seconds: { mean: step * EPOCHS, deviation: step },
    imagesPerSecond: { mean: 240 / step, deviation: 0.4 },
    peakMemory: { mean: memory, deviation: memory / 50 },
    cpu: { mean: 0.9, deviation: 0.01 },
    ...(gpu ? { gpu: { mean: 0.6, deviation: 0.02 }, peakGpuMemory: { mean: memory, deviation: 0 } } : {}),
  }));
  return {
    format: 'froyolo-study-results',
    version: 1,
    recipe: recipeOf(resolveSettings(SETTINGS, 'compare', RECIPE)),
    machine: { cpu: 'a processor', cores: 2, memory: 16e9, platform: 'linux x64', node: 'v20' },
    arms,
    summary,
    recommendation: ['Recommended: freeze 0 & nothing <else>.'],
  };
}

type Example = (typeof FREEZES)[number];

function arm({ freeze, trainable, reach, step, memory }: Example, seed: number, gpu: boolean): ArmResult {
  const noise = (n: number) => Math.sin(12.9898 * n + 78.233 * seed + step) * 0.5;
  const epochs = Array.from({ length: EPOCHS }, (_, epoch): EpochResult => {
    const mAP50_95 = Math.max(0, reach * (1 - Math.exp(-epoch / 8)) * (1 + 0.06 * noise(epoch)));
    const loss = 0.06 + 0.1 * Math.exp(-epoch / 9) + (0.53 - reach) / 20 + 0.002 * noise(epoch);
    const losses = { box: loss * 0.5, obj: loss * 0.4, cls: loss * 0.1 };
    return {
      epoch,
      elapsed: step * (epoch + 1),
      training: step * 0.8,
      validation: step * 0.2,
      trainLosses: losses,
      valLosses: losses,
      mAP50: 1.6 * mAP50_95,
      mAP50_95,
    };
  });
  const samples = Array.from({ length: step * EPOCHS }, (_, second): Sample => {
    const isValidating = second % step > step * 0.8;
    const share = 0.9 + 0.1 * noise(second);
    return {
      time: second + 1,
      memory: memory * (second < 5 ? 0.2 + second / 7 : isValidating ? 0.95 : 0.9 + 0.02 * noise(second)),
      cpu: isValidating ? share - 0.2 : share,
      ...(gpu ? { gpu: 0.6 + 0.3 * noise(second), gpuMemory: memory } : {}),
    };
  });
  return {
    freeze,
    seed,
    folder: `freeze-${freeze}-seed-${seed}`,
    status: 'finished',
    device: 'cpu',
    ...{
      parameters: 1_767_976,
      trainableParameters: trainable,
      epochs,
      best: epochs[epochs.length - 1],
      samples,
    },
    seconds: step * EPOCHS,
    imagesPerSecond: 240 / step,
    peakMemory: memory,
    cpu: 0.9,
    ...(gpu ? { gpu: 0.6, peakGpuMemory: memory } : {}),
  };
}

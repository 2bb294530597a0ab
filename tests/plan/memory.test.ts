import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { hypPresets } from '@froyolo/data';
import { architectureYaml } from '@froyolo/model-yaml';
import { planTrainingStep } from '@froyolo/run';
import { createDetector, freezeFor } from '@froyolo/yolo';
import { describe, expect, test } from 'vitest';
import { IS_BUILT } from '../cli/froyolo.js';

const TOLERANCE = 0.15;
const detector = createDetector(architectureYaml('yolov5n'), { names: ['a', 'b', 'c'], seed: 0 });

/** What steps add to a process, beyond the constants that are there once the graphs are compiled. */
function planned(depth: number, imgsz: number, batchSize: number): number {
  const freeze = freezeFor(detector, depth);
  const options = { hyp: hypPresets['scratch-low'], imgsz, batchSize, optimizer: 'SGD' } as const;
  const { peakBytes, weightBytes, trainableParameters } = planTrainingStep(detector, freeze, options);
  return peakBytes - (weightBytes - 4 * trainableParameters);
}

function measured(depth: number, imgsz: number, batchSize: number): number {
  const script = join(import.meta.dirname, 'measure-step.mjs');
  const args = ['--expose-gc', script, ...[depth, imgsz, batchSize, 'yolov5n'].map(String)];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return (JSON.parse(stdout) as { bytes: number }).bytes;
}

const title = IS_BUILT
  ? 'planned peak memory is within 15% of the peak of a process that trains'
  : 'planned peak memory (skipped: the packages are not built, run `pnpm build`)';

describe.skipIf(!IS_BUILT)(title, () => {
  test.each([
    [0, 320, 16],
    [5, 320, 16],
    [10, 320, 16],
    [24, 320, 16],
    [10, 640, 8],
  ])('freeze %i, %i px, %i images', (depth, imgsz, batchSize) => {
    const ratio = planned(depth, imgsz, batchSize) / measured(depth, imgsz, batchSize);
    expect(ratio).toBeGreaterThan(1 - TOLERANCE);
    expect(ratio).toBeLessThan(1 + TOLERANCE);
  });
});

/** One arm, in its own process. */
import { cpus } from 'node:os';
import { join } from 'node:path';
import { writeAtomic } from '@froyolo/common/node';
import { trainOnFiles } from '@froyolo/run/node';
import type { TrainOptions } from '@froyolo/run/settings';
import type { ValidationResult } from '@froyolo/yolo';
import { type Arm, type ArmResult, armFile, type Common, type Point } from './arms.js';
import { runReference } from './reference.js';
import { writeSubset } from './subset.js';

export interface ArmOrder {
  readonly arm: Arm;
  readonly common: Common;
  readonly out: string;
  /** A checkout of YOLOv5 and the Python that runs it. */
  readonly reference?: { readonly folder: string; readonly python: string };
}

/** Trains and writes the arm's file, whole or not at all. */
export async function runArm(order: ArmOrder): Promise<ArmResult> {
  const { arm, out } = order;
  const subset = join(out, 'subsets', `${arm.dataset}-${arm.images}`);
  const isOurs = arm.recipe.by === 'froyolo';
  const { data, trainImages } = await writeSubset(arm.data, arm.images, subset, !isOurs);
  const trained = isOurs ? await train(order, data) : await runReference(order, data);
  const { dataset, images, recipe, seed } = arm;
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`;
  const result = { dataset, images, trainImages, recipe: recipe.name, seed, machine, ...trained };
  await writeAtomic(join(out, 'arms', armFile(arm)), `${JSON.stringify(result, undefined, 1)}\n`);
  return result;
}

async function train(
  { arm, common, out }: ArmOrder,
  data: string,
): Promise<Pick<ArmResult, 'seconds' | 'steps' | 'points'>> {
  const points: Point[] = [];
  let steps = 0;
  const add = ({ mAP50, mAP50_95 }: ValidationResult) =>
    void points.push({ seconds: process.uptime(), mAP50, mAP50_95 });
  const own = {
    seed: arm.seed,
    project: join(out, 'runs'),
    name: armFile(arm).replace(/\.json$/, ''),
    existOk: true,
  };
  const options: TrainOptions = { ...common, noautoanchor: true, ...arm.recipe.settings, ...own, data };
  // Reading the dataset and starting the process count, as they do for who waits.
  await trainOnFiles(options, {
    elapsed: () => process.uptime(),
    onBatch: () => {
      steps++;
    },
    // What is the best detector until an epoch is as good.
    onOpened: add,
    onEpoch: ({ validation }) => {
      if (validation) add(validation);
    },
  });
  return { seconds: process.uptime(), steps, points };
}

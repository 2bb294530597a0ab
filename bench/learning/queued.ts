/** Arms that workers do: each is a run of a queue, and its figures come from the folder that it leaves. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomic } from '@froyolo/common/node';
import { openLauncher, type QueueLauncher, type QueuePlaces } from '@froyolo/queue';
import { keptResults } from '@froyolo/run';
import { type Arm, type ArmResult, armFile, type Common, type Point } from './arms.js';
import { writeSubset } from './subset.js';

/**
 * Does all arms at the same time, as far as there are workers, and writes the file of each.
 * @throws Error for an arm of the reference, which no worker can do, and for the first that failed once the others are done
 */
export async function runQueued(
  arms: readonly Arm[],
  common: Common,
  out: string,
  places: QueuePlaces,
): Promise<void> {
  const others = arms.filter(({ recipe }) => recipe.by !== 'froyolo');
  if (others[0])
    throw new Error(`${others[0].recipe.name} can't be done by workers: leave --queue out for it`);
  const launcher = await openLauncher(places);
  try {
    const ends = await Promise.allSettled(arms.map((arm) => runArm(launcher, arm, common, out)));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  } finally {
    await launcher.close();
  }
}

async function runArm(launcher: QueueLauncher, arm: Arm, common: Common, out: string): Promise<void> {
  const { dataset, images, recipe, seed } = arm;
  const { data, trainImages } = await writeSubset(
    arm.data,
    images,
    join(out, 'subsets', `${dataset}-${images}`),
  );
  const name = armFile(arm).replace(/\.json$/, '');
  const folder = join(out, 'queued');
  const settings = { ...common, noautoanchor: true, ...recipe.settings, seed, data };
  let [machine, steps, batches] = ['', 0, 0];
  await launcher.launch({ folder, name, settings }, new AbortController().signal, {
    onPlace: (worker) => {
      machine = worker;
    },
    onStart: (event) => {
      batches = event.batches;
    },
    onEpoch: ({ epoch }) => {
      steps = batches * (epoch + 1);
    },
  });
  const points = pointsIn(join(folder, name));
  const seconds = points.at(-1)?.seconds ?? 0;
  const result: ArmResult = {
    dataset,
    images,
    trainImages,
    recipe: recipe.name,
    seed,
    machine,
    steps,
    seconds,
    points,
  };
  await writeAtomic(join(out, 'arms', armFile(arm)), `${JSON.stringify(result, undefined, 1)}\n`);
  console.log(`${name}: done on ${machine}`);
}

/** Epochs with their times since the run began; a worker tells nothing of the detector before training. */
function pointsIn(folder: string): Point[] {
  const state: { timing: { epoch: number; elapsed: number }[] } = JSON.parse(
    readFileSync(join(folder, 'arm.json'), 'utf8'),
  );
  const { columns, rows } = keptResults(readFileSync(join(folder, 'results.csv'), 'utf8'));
  return rows.flatMap(({ epoch, row }) => {
    const timed = state.timing.find((one) => one.epoch === epoch);
    if (!timed) return [];
    const cell = (name: string) => Number(row.split(',')[columns.indexOf(name)]);
    return { seconds: timed.elapsed, mAP50: cell('metrics/mAP_0.5'), mAP50_95: cell('metrics/mAP_0.5:0.95') };
  });
}

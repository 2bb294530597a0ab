/**
 * Accuracy against wall time, for datasets × sizes × recipes × seeds:
 *
 *   pnpm learning --data bccd=bccd/data.yaml --sizes 20,50,0 --recipes time-60,time-300,auto,yolov5-10@15 --seeds 3
 *   pnpm learning get kangaroo cards shapes coco128
 *
 * Each arm is a process of its own and leaves a file: what is there is not run again, so that it can be interrupted, and
 * shared by machines that see one folder (`--machine 2/3`), or by the workers of a queue (`--queue redis://…
 * --store …`, docs/scale.md). The report is made from all files that are there.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type ArmResult, armFile, armsOf, shareOf } from './arms.js';
import { getData } from './get-data.js';
import { runQueued } from './queued.js';
import { writeReport } from './report.js';
import { type ArmOrder, runArm } from './run-arm.js';

const { values: options, positionals } = parseArgs({
  // pnpm passes its own `--` on.
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  allowPositionals: true,
  options: {
    data: { type: 'string', multiple: true, default: [] },
    sizes: { type: 'string', default: '20,50,100,0' },
    recipes: { type: 'string', default: 'time-60,time-300,auto,yolov5-0@30,yolov5-10@30' },
    seeds: { type: 'string', default: '3' },
    weights: { type: 'string', default: 'yolov5n.pt' },
    imgsz: { type: 'string', default: '320' },
    'batch-size': { type: 'string', default: '16' },
    machine: { type: 'string', default: '1/1' },
    reference: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    out: { type: 'string', default: 'docs/results/learning' },
    from: { type: 'string' },
    arm: { type: 'string' },
    queue: { type: 'string' },
    store: { type: 'string' },
  },
});

if (options.arm) await runArm(JSON.parse(options.arm) as ArmOrder);
else if (positionals[0] === 'get')
  for (const name of positionals.slice(1))
    console.log(await getData(name, 'runs/learning-data', options.from));
else {
  await runMissing();
  await writeReport(finished(), options.out);
}

async function runMissing(): Promise<void> {
  const datasets = options.data.map((text) => {
    const [name = '', data = ''] = text.split('=');
    if (!data) throw new Error(`--data ${text}: it must be NAME=data.yaml`);
    return { name, data };
  });
  const [index = 1, count = 1] = options.machine.split('/').map(Number);
  const plan = {
    datasets,
    sizes: options.sizes.split(',').map(Number),
    recipes: options.recipes.split(','),
    seeds: Number(options.seeds),
  };
  const arms = shareOf(armsOf(plan), index, count);
  const missing = arms.filter((arm) => !existsSync(join(options.out, 'arms', armFile(arm))));
  const common = {
    weights: options.weights,
    imgsz: Number(options.imgsz),
    batchSize: Number(options['batch-size']),
  };
  const { queue, store, reference: folder, python } = options;
  if (queue !== undefined) {
    if (store === undefined)
      throw new Error('--store is missing: a folder that all machines see, or s3://BUCKET/PREFIX');
    return runQueued(missing, common, options.out, { queue, store });
  }
  for (const [i, arm] of missing.entries()) {
    console.log(`${i + 1}/${missing.length}: ${armFile(arm)}`);
    const order: ArmOrder = {
      arm,
      common,
      out: options.out,
      ...(folder ? { reference: { folder, python } } : {}),
    };
    const args = [fileURLToPath(import.meta.url), '--arm', JSON.stringify(order)];
    const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
    if (status !== 0)
      throw new Error(`${armFile(arm)} failed; what is finished is kept, the same command goes on`);
  }
}

function finished(): ArmResult[] {
  const folder = join(options.out, 'arms');
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return files.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
}

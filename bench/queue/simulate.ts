/**
 * Many runs on many workers that die, with a real Redis, a real store and everything of a study but the training:
 *
 *   pnpm simulate --runs 10000 --workers 500
 *
 * Workers live in a few processes, as on machines with many devices; every few seconds one of these is killed and started
 * anew, and once Redis itself. What the epochs that were done say tells what was lost.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openLauncher } from '@froyolo/queue';
import { RedisServer } from '@froyolo/queue/testing';
import type { WorkersOrder } from './simulate-workers.js';

const { values: options } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  options: {
    runs: { type: 'string', default: '10000' },
    workers: { type: 'string', default: '500' },
    processes: { type: 'string', default: '10' },
    epochs: { type: 'string', default: '3' },
    'epoch-ms': { type: 'string', default: '3000' },
    'kill-every': { type: 'string', default: '10' },
    out: { type: 'string' },
  },
});
const runs = Number(options.runs);
const workers = Number(options.workers);
const processes = Number(options.processes);
const epochs = Number(options.epochs);
const epochMs = Number(options['epoch-ms']);
const killEvery = Number(options['kill-every']);

const folder = mkdtempSync(join(tmpdir(), 'froyolo-simulate-'));
const children: ChildProcess[] = [];
// Also where it is stopped: what it started ends with it.
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(1));
await simulate();
process.exit();

async function simulate(): Promise<void> {
  writeDataset(join(folder, 'data'));
  const redis = await RedisServer.start();
  const places = { queue: redis.url, store: join(folder, 'store') };
  const order: Omit<WorkersOrder, 'process' | 'life'> = {
    ...places,
    cache: join(folder, 'cache'),
    log: join(folder, 'log'),
    epochMs,
    workers: Math.ceil(workers / processes),
  };
  mkdirSync(order.log);
  const lives: number[] = Array(processes).fill(0);
  const start = (index: number) => {
    lives[index] = (lives[index] ?? 0) + 1;
    children[index] = startProcess({ ...order, process: index, life: lives[index] });
  };
  for (let index = 0; index < processes; index++) start(index);

  const launcher = await openLauncher(places);
  const begun = performance.now();
  const elapsed = () => (performance.now() - begun) / 1000;
  let [finished, kills, restarts, memory] = [0, 0, 0, 0];
  const killing = setInterval(() => {
    const index = kills++ % processes;
    children[index]?.kill('SIGKILL');
    start(index);
  }, 1000 * killEvery);
  const watching = setInterval(async () => {
    memory = Math.max(memory, await redis.memory().catch(() => 0));
    console.log(`${elapsed().toFixed(0)} s: ${finished} of ${runs} runs`);
    if (restarts === 0 && finished > runs / 2) {
      restarts++;
      await redis.stop('SIGKILL');
      await redis.start();
    }
  }, 5000);
  const waits: number[] = [];
  const signal = new AbortController().signal;
  const settings = { data: join(folder, 'data/data.yaml'), weights: '', epochs };
  await Promise.all(
    Array.from({ length: runs }, async (_, seed) => {
      const run = { folder: join(folder, 'study'), name: `run-${seed}`, settings: { ...settings, seed } };
      await launcher.launch(run, signal, {});
      finished++;
      waits.push(elapsed());
    }),
  );
  const seconds = elapsed();
  clearInterval(killing);
  clearInterval(watching);
  memory = Math.max(memory, await redis.memory());
  const done = epochsDone(order.log);
  await launcher.close();
  const arrived = readdirSync(join(folder, 'study')).filter((name) => name.startsWith('run-')).length;
  for (const child of children) child.kill('SIGKILL');
  await redis.remove();
  const needed = runs * epochs;
  const rows = [
    ['runs, workers, processes that hold them', `${runs}, ${workers}, ${processes}`],
    ['a run', `${epochs} epochs of ${epochMs / 1000} s`],
    ['processes killed (−9), Redis killed', `${kills}, ${restarts}`],
    ['runs whose folder arrived, each once', `${arrived}`],
    ['time', `${seconds.toFixed(0)} s`],
    ['runs per second', (runs / seconds).toFixed(1)],
    ['work alone, if nothing died and nothing cost', `${((needed * epochMs) / 1000 / workers).toFixed(0)} s`],
    ['epochs done, needed', `${done.count}, ${needed}`],
    ['epochs lost', `${(100 * (done.count / needed - 1)).toFixed(2)} %`],
    ['epochs done more than once', done.repeats],
    [
      'memory of Redis, at most',
      `${(memory / 1e6).toFixed(0)} MB, ${(memory / runs / 1000).toFixed(1)} KB a run`,
    ],
    ['half of the runs had arrived after', `${(waits[runs >> 1] ?? 0).toFixed(0)} s`],
  ];
  const table = ['| | |', '|---|---|', ...rows.map((cells) => `| ${cells.join(' | ')} |`)].join('\n');
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}, Node ${process.version}`;
  console.log(`${machine}\n\n${table}`);
  if (options.out) writeFileSync(options.out, `${machine}\n\n${table}\n`);
}

function startProcess(order: WorkersOrder): ChildProcess {
  const file = fileURLToPath(new URL('./simulate-workers.js', import.meta.url));
  return spawn(process.execPath, [file, JSON.stringify(order)], { stdio: ['ignore', 'inherit', 'inherit'] });
}

/** Each epoch that was done is a line. */
function epochsDone(log: string): { count: number; repeats: string } {
  const times = new Map<string, number>();
  for (const name of readdirSync(log))
    for (const line of readFileSync(join(log, name), 'utf8').split('\n').filter(Boolean))
      times.set(line, (times.get(line) ?? 0) + 1);
  const all = [...times.values()];
  const most = all.reduce((a, b) => Math.max(a, b), 0);
  return {
    count: all.reduce((a, b) => a + b, 0),
    repeats: `${all.filter((n) => n > 1).length} in all, one at most ${most - 1} times`,
  };
}

/** Nobody looks into the images. */
function writeDataset(root: string): void {
  for (const split of ['train', 'val']) {
    mkdirSync(join(root, 'images', split), { recursive: true });
    writeFileSync(join(root, 'images', split, 'a.jpg'), split);
  }
  writeFileSync(join(root, 'data.yaml'), 'train: images/train\nval: images/val\nnames: [a]\n');
}

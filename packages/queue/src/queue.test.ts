import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ArmLauncher, ArmOrder } from '@froyolo/study';
import { Queue } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseQueueAddress } from './address.js';
import { connect } from './connect.js';
import {
  openLauncher,
  type QueueLauncher,
  queueStatus,
  runWorker,
  serveBoard,
  type WorkerOptions,
} from './index.js';
import { PREFIX, QUEUE } from './protocol.js';
import { fakeTrainer, NO_REDIS, RedisServer } from './testing/index.js';

const SILENCE_MS = 1500;
const never = new AbortController().signal;

describe.skipIf(NO_REDIS)(`a queue${NO_REDIS}`, () => {
  let redis: RedisServer;
  let folder: string;
  let launcher: QueueLauncher;
  const workers: { stop: AbortController; ended: Promise<void> }[] = [];

  beforeAll(async () => {
    redis = await RedisServer.start();
  });
  afterAll(() => redis.remove());
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'froyolo-queue-'));
    writeDataset(join(folder, 'data'));
    launcher = await openLauncher({ queue: redis.url, store: join(folder, 'store'), attempts: 2 });
  });
  afterEach(async () => {
    await launcher.close();
    for (const { stop } of workers) stop.abort();
    await Promise.all(workers.splice(0).map(({ ended }) => ended));
    rmSync(folder, { recursive: true, force: true });
  });

  function startWorker(name: string, launch: ArmLauncher, options: Partial<WorkerOptions> = {}) {
    const stop = new AbortController();
    const places = { queue: redis.url, store: join(folder, 'store'), cache: join(folder, 'cache') };
    let onReady = () => {};
    const ready = new Promise<void>((resolve) => {
      onReady = resolve;
    });
    const all = { ...places, name, silence: SILENCE_MS, launch, ...options };
    const ended = runWorker(all, stop.signal, { onReady });
    workers.push({ stop, ended });
    return { stop, ended, ready };
  }

  const orders = (count: number, epochs = 3): ArmOrder[] =>
    Array.from({ length: count }, (_, seed) => ({
      folder: join(folder, 'study'),
      name: `freeze-10-seed-${seed}`,
      settings: { data: join(folder, 'data/data.yaml'), weights: '', epochs, seed },
    }));

  test('12 runs on 3 workers: each is done once, its files are those of a run here', async () => {
    const done: string[] = [];
    const trainer = () =>
      fakeTrainer({ epoch: 30, batches: 3, onEpoch: (name, epoch) => done.push(`${name} ${epoch}`) });
    for (const name of ['a', 'b', 'c']) startWorker(name, trainer());
    const places = new Set<string>();
    const events = { onPlace: (worker: string) => void places.add(worker) };
    const ends = await Promise.all(orders(12).map((order) => launcher.launch(order, never, events)));
    expect(new Set(ends)).toEqual(new Set(['finished']));
    expect([done.length, new Set(done).size]).toEqual([36, 36]);
    expect(places).toEqual(new Set(['a', 'b', 'c']));

    const here = orders(12).map((order) => ({ ...order, folder: join(folder, 'here') }));
    for (const order of here) await fakeTrainer({ epoch: 0, batches: 1 })(order, never, {});
    expect(contents(join(folder, 'study'))).toEqual(contents(join(folder, 'here')));
    // Nothing of the runs is left in the store, only what they were made from.
    expect(readdirSync(join(folder, 'store/runs'))).toEqual([]);
    const { counts, workers: known } = await queueStatus(redis.url);
    expect(counts).toEqual({ waiting: 0, running: 0, failed: 0, finished: 12 });
    expect(known.map(({ name, done: finished }) => [name, finished > 0])).toEqual([
      ['a', true],
      ['b', true],
      ['c', true],
    ]);
  });

  test('a worker that is stopped gives its run back with its checkpoint; the next one goes on', async () => {
    const done: string[] = [];
    const trainer = (worker: string) =>
      fakeTrainer({ epoch: 300, batches: 10, onEpoch: (_, epoch) => done.push(`${worker}${epoch}`) });
    const first = startWorker('first', trainer('a'));
    const [order] = orders(1, 4);
    const end = launcher.launch(order!, never, {});
    await until(() => done.includes('a1'));
    first.stop.abort();
    await first.ended;
    startWorker('second', trainer('b'));
    expect(await end).toBe('finished');
    expect(done).toEqual(['a0', 'a1', 'b2', 'b3']);
  });

  test('a run that fails is tried again, then fails with what the worker said', async () => {
    let tries = 0;
    const onBatch = () => {
      tries++;
      throw new Error('out of luck');
    };
    startWorker('unlucky', fakeTrainer({ epoch: 10, batches: 1, onBatch }));
    const [order] = orders(1);
    await expect(launcher.launch(order!, never, {})).rejects.toThrow('freeze-10-seed-0: out of luck');
    expect(tries).toBe(2);
    expect((await queueStatus(redis.url)).counts.failed).toBe(1);
  });

  test('who stops waiting may wait again: the run goes on meanwhile', async () => {
    const done: number[] = [];
    startWorker('patient', fakeTrainer({ epoch: 200, batches: 2, onEpoch: (_, epoch) => done.push(epoch) }));
    const [order] = orders(1);
    const leave = new AbortController();
    const left = launcher.launch(order!, leave.signal, {});
    await until(() => done.length === 1);
    leave.abort();
    expect(await left).toBe('stopped');
    const again = await openLauncher({ queue: redis.url, store: join(folder, 'store') });
    expect(await again.launch(order!, never, {})).toBe('finished');
    await again.close();
    expect(done).toEqual([0, 1, 2]);
  });

  test('a run of another version is refused, and stays in the queue', async () => {
    const connection = await connect(parseQueueAddress(redis.url));
    const queue = new Queue(QUEUE, { connection, prefix: PREFIX });
    const job = { version: '99.0.0', study: 'other', name: 'run', settings: { data: 'd.yaml' } };
    await queue.add('arm', job, { jobId: 'other.run' });
    const { ended } = startWorker('old', fakeTrainer({ epoch: 10, batches: 1 }));
    workers.pop();
    await expect(ended).rejects.toThrow(
      /queue holds a run of froyolo 99\.0\.0: install froyolo@99\.0\.0 here/,
    );
    expect(await queue.getJobState('other.run')).toBe('waiting');
    // What Kubernetes counts, as docs/scale.md has it.
    expect(await connection.llen('froyolo:arms:wait')).toBe(1);
    await queue.remove('other.run');
    await queue.close();
    connection.disconnect();
  });

  test('Bull Board lists the queue, on this machine only unless told otherwise', async () => {
    const board = await serveBoard(redis.url, 0);
    expect(board.url).toMatch(/^http:\/\/127\.0\.0\.1:/);
    const page = await fetch(board.url);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('Bull')]);
    const { queues } = await fetch(`${board.url}/api/queues`).then((answer) => answer.json());
    expect(queues).toEqual([expect.objectContaining({ name: QUEUE })]);
    await board.close();
  });

  test('two workers of one name, a queue that is not there', async () => {
    await startWorker('twin', fakeTrainer({ epoch: 10, batches: 1 })).ready;
    const places = { queue: redis.url, store: join(folder, 'store') };
    await expect(runWorker({ ...places, name: 'twin' }, never)).rejects.toThrow(
      'another worker is called twin',
    );
    const nowhere = { ...places, queue: 'redis://user:secret@127.0.0.1:1' };
    const error = await runWorker(nowhere, never).catch(String);
    expect(error).toMatch(/redis:\/\/user:\*\*\*@127\.0\.0\.1:1 can't be used: .*ECONNREFUSED/);
    expect(error).not.toContain('secret');
  });
});

/** Files of a folder, by their paths; what says where a study is in the queue doesn't count. */
function contents(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== 'queue.json');
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length), readFileSync(path, 'utf8')]));
}

/** Nobody looks into the images. */
function writeDataset(folder: string): void {
  for (const split of ['train', 'val']) {
    mkdirSync(join(folder, 'images', split), { recursive: true });
    mkdirSync(join(folder, 'labels', split), { recursive: true });
    writeFileSync(join(folder, 'images', split, 'a.jpg'), split);
    writeFileSync(join(folder, 'labels', split, 'a.txt'), '0 0.5 0.5 0.1 0.1\n');
  }
  writeFileSync(join(folder, 'data.yaml'), 'train: images/train\nval: images/val\nnames: [a]\n');
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(10);
}

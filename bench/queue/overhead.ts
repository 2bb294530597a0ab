/**
 * What the queue adds to a run, with a trainer that only waits: runs one after the other on one worker of the same machine.
 *
 *   node bench/dist/overhead.js --data bccd/data.yaml --checkpoint-mb 30
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openLauncher, runWorker } from '@froyolo/queue';
import { fakeTrainer, RedisServer } from '@froyolo/queue/testing';

const { values: options } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  options: {
    data: { type: 'string' },
    runs: { type: 'string', default: '10' },
    epochs: { type: 'string', default: '3' },
    'checkpoint-mb': { type: 'string', default: '30' },
  },
});
const { data } = options;
if (data === undefined) throw new Error('--data is missing: name a dataset YAML');
const epochs = Number(options.epochs);
const EPOCH_MS = 1000;

const folder = mkdtempSync(join(tmpdir(), 'froyolo-overhead-'));
const redis = await RedisServer.start();
const places = { queue: redis.url, store: join(folder, 'store') };
const stop = new AbortController();
const bytes = 1e6 * Number(options['checkpoint-mb']);
const launch = fakeTrainer({ epoch: EPOCH_MS, batches: 5, bytes });
const worker = runWorker({ ...places, cache: join(folder, 'cache'), name: 'one', launch }, stop.signal);
const launcher = await openLauncher(places);
const seconds: number[] = [];
for (let seed = 0; seed <= Number(options.runs); seed++) {
  const began = performance.now();
  const order = {
    folder: join(folder, 'study'),
    name: `run-${seed}`,
    settings: { data, weights: '', epochs, seed },
  };
  await launcher.launch(order, stop.signal, {});
  seconds.push((performance.now() - began - epochs * EPOCH_MS) / 1000);
}
await launcher.close();
stop.abort();
await worker;
await redis.remove();
rmSync(folder, { recursive: true, force: true });

// The first run also packs and unpacks the dataset.
const [first = 0, ...rest] = seconds;
const sorted = rest.sort((a, b) => a - b);
const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
const share = (value: number) => `${((100 * value) / 60).toFixed(1)} %`;
console.log(`${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}, Node ${process.version}

| | s | of a run of 60 s |
|---|---|---|
| added to a run, median of ${sorted.length} | ${at(0.5).toFixed(2)} | ${share(at(0.5))} |
| the most | ${at(1).toFixed(2)} | ${share(at(1))} |
| added to the first, with packing and unpacking ${data.split('/').at(-2)} | ${first.toFixed(2)} | ${share(first)} |`);

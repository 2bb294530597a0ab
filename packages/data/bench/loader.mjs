// How long one core takes for a training sample: `node bench/loader.mjs DATA.yaml [imgsz]` (after a build).
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createTrainLoader, createValLoader, openDataset } from '../dist/node.js';

const [, , data, size = '320'] = process.argv;
if (!data) {
  console.error('usage: node bench/loader.mjs DATA.yaml [imgsz]');
  process.exit(1);
}
const imgsz = Number(size);
const started = performance.now();
const dataset = await openDataset(resolve(data), 'train');
console.log(`opened ${dataset.images.length} images in ${(performance.now() - started).toFixed(0)} ms`);

async function time(name, create, options) {
  const loader = await create(dataset, { imgsz, batchSize: 16, ...options });
  for (const epoch of [0, 1]) {
    const cpu = process.cpuUsage();
    const start = performance.now();
    let images = 0;
    for await (const batch of loader.epoch(epoch)) images += batch.shape[0];
    const ms = performance.now() - start;
    const { user, system } = process.cpuUsage(cpu);
    const busy = (user + system) / 1000 / images;
    console.log(
      `${name}, epoch ${epoch}: ${busy.toFixed(2)} ms of CPU, ${(ms / images).toFixed(2)} ms an image, ${((images / ms) * 1000).toFixed(0)} images/s`,
    );
  }
  await loader.close();
}

await time('train, small cache, 1 worker', createTrainLoader, { workers: 1 });
await time('train, disk cache, 1 worker', createTrainLoader, {
  workers: 1,
  cache: 'disk',
  cacheDir: join(tmpdir(), 'froyolo-bench-images'),
});
await time('train, ram cache, main thread', createTrainLoader, { workers: 0, cache: 'ram' });
await time('train, small cache, 2 workers', createTrainLoader, { workers: 2 });
await time('val, small cache, 1 worker', createValLoader, { workers: 1 });

/** What is fetched is whole, or nothing of it is left. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderStore } from '../store/folder-store.js';
import { objectKey } from '../store/store.js';
import { contentOf } from '../store/sums.js';
import { Cache } from './cache.js';

let folder: string;
let store: FolderStore;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'froyolo-cache-'));
  store = await FolderStore.open(join(folder, 'store'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const FILE_BYTES = 100_000;

async function archive(...names: readonly string[]): Promise<Buffer> {
  const tar = pack();
  for (const name of names) tar.entry({ name }, Buffer.alloc(FILE_BYTES, name));
  tar.finalize();
  return buffer(Readable.from(tar));
}

const NAMES = ['data.yaml', 'images/a.jpg', 'images/b.jpg', 'labels/a.txt'];

async function damaged(change: (bytes: Buffer) => Buffer): Promise<string> {
  const whole = await archive(...NAMES);
  const { sha256, bytes } = contentOf(whole);
  await store.write(objectKey(sha256), contentOf(change(whole)));
  const cache = join(folder, 'cache');
  const reason = await new Cache(store, cache).dataset({ sha256, bytes }).then(
    () => 'taken',
    (error: unknown) => String(error),
  );
  expect(readdirSync(join(cache, 'datasets'))).toEqual([]);
  return reason;
}

test('a dataset comes whole, and once', async () => {
  const whole = await archive(...NAMES);
  const { sha256, bytes } = contentOf(whole);
  await store.write(objectKey(sha256), contentOf(whole));
  const cache = new Cache(store, join(folder, 'cache'));
  const [yaml, again] = await Promise.all([
    cache.dataset({ sha256, bytes }),
    cache.dataset({ sha256, bytes }),
  ]);
  expect([again, readFileSync(yaml, 'utf8').slice(0, 9)]).toEqual([yaml, 'data.yaml']);
  expect(readdirSync(join(folder, 'cache/datasets'))).toEqual([sha256]);
});

test.each([512, 513, 70_000, FILE_BYTES + 1024, 2 * FILE_BYTES])('cut after %d bytes', async (length) => {
  expect(await damaged((bytes) => bytes.subarray(0, length))).toMatch(/StoreError: .*damaged/);
});

test.each([100, 600, 200_000])('a byte changed at %d', async (at) => {
  const reason = await damaged((bytes) =>
    Buffer.from(bytes.map((byte, i) => (i === at ? byte ^ 255 : byte))),
  );
  expect(reason).toMatch(/StoreError: .*damaged/);
});

test('more than was announced', async () => {
  const reason = await damaged((bytes) => Buffer.concat([bytes, Buffer.alloc(2 ** 20)]));
  expect(reason).toMatch(/StoreError: .*damaged/);
});

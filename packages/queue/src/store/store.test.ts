import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { temporaryName } from '@froyolo/common/node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { RunStore } from '../run/run-store.js';
import { FakeS3 } from '../testing/fake-s3.js';
import { openStore } from './open-store.js';
import { objectKey, type Store } from './store.js';
import { contentOf, fetchVerified } from './sums.js';

let folder: string;
let s3: FakeS3;
beforeAll(async () => {
  s3 = await FakeS3.start();
  vi.stubEnv('AWS_ENDPOINT_URL_S3', s3.url);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});
afterAll(() => {
  s3.close();
  vi.unstubAllEnvs();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'froyolo-store-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.each(['a folder', 'S3'])('%s as a store', (kind) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(kind === 'S3' ? 's3://bucket/pre/fix' : join(folder, 'store'));
  });
  afterEach(() => store.close());

  test('what is written is read, listed and removed', async () => {
    expect(await store.sizeOf('runs/a/x')).toBeUndefined();
    await store.write('runs/a/x', contentOf('one'));
    await store.write('runs/a/y', contentOf('three'));
    await store.write('runs/a/x', contentOf('twelve'));
    expect([await store.sizeOf('runs/a/x'), await textOf(await store.read('runs/a/x'))]).toEqual([
      6,
      'twelve',
    ]);
    expect((await store.list('runs/a/')).sort()).toEqual(['runs/a/x', 'runs/a/y']);
    await store.remove(['runs/a/x', 'runs/a/y', 'runs/a/none']);
    expect(await store.list('runs/a/')).toEqual([]);
    await expect(store.read('runs/a/x')).rejects.toThrow(/runs\/a\/x/);
  });

  test('what is damaged is not taken', async () => {
    const { sha256, bytes } = contentOf('weights');
    const path = join(folder, 'fetched');
    for (const wrong of ['weightz', 'weight', 'weights and more']) {
      await store.write(objectKey(sha256), contentOf(wrong));
      const fetched = fetchVerified(store, objectKey(sha256), { sha256, bytes }, path);
      await expect(fetched).rejects.toThrow("isn't what its sum says");
      expect(readdirSync(folder).filter((name) => name.startsWith('fetched'))).toEqual([]);
    }
    await store.write(objectKey(sha256), contentOf('weights'));
    await fetchVerified(store, objectKey(sha256), { sha256, bytes }, path);
    expect(readFileSync(path, 'utf8')).toBe('weights');
  });

  test('a run: its newest state is found, the files of the oldest are gone', async () => {
    const run = join(folder, 'run');
    mkdirSync(join(run, 'weights'), { recursive: true });
    const runs = new RunStore(store, 'study.run');
    expect(await runs.save(run)).toBeUndefined();
    for (const epoch of [1, 2, 3]) {
      writeFileSync(join(run, 'weights/last.safetensors'), `epoch ${epoch}`);
      writeFileSync(join(run, 'results.csv'), 'rows\n'.repeat(epoch));
      writeFileSync(join(run, 'lock'), 'held');
      await runs.save(run);
    }
    // Two states of two files, and the one that names them.
    expect(await store.list('runs/study.run/')).toHaveLength(5);
    const other = new RunStore(store, 'study.run');
    const state = await other.load();
    if (!state) throw new Error('no state');
    await other.restore(state, join(folder, 'there'));
    expect(readFileSync(join(folder, 'there/weights/last.safetensors'), 'utf8')).toBe('epoch 3');
    expect(existsSync(join(folder, 'there/lock'))).toBe(false);
    await other.remove();
    expect(await other.load()).toBeUndefined();
  });

  test('a state that names a path outside is refused', async () => {
    const { sha256, bytes } = contentOf('x');
    const files = [{ path: '../../outside', sha256, bytes }];
    await store.write(
      'runs/bad/state.json',
      contentOf(JSON.stringify({ format: 'froyolo-run-state', files })),
    );
    await expect(new RunStore(store, 'bad').load()).rejects.toThrow('is damaged');
  });
});

test('what killed processes left in a folder is removed when it is old; what is being written stays', async () => {
  const store = await openStore(join(folder, 'store'));
  const { pid: ended } = spawnSync(process.execPath, ['-e', '']);
  const left = (key: string, pid: number, isOld: boolean) => {
    const path = temporaryName(join(folder, 'store', key)).replace(`-${process.pid}-`, `-${pid}-`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'half');
    if (isOld) utimesSync(path, 1, 1);
    return path;
  };
  await store.write('runs/b/whole', contentOf('whole'));
  const gone = [left('objects/ab/x', ended, true), left('runs/a/x', ended, true)];
  const kept = [left('objects/ab/y', ended, false), left('runs/b/x', process.ppid, true)];
  expect(await store.list('runs/b/')).toEqual(['runs/b/whole']);
  utimesSync(join(folder, 'store/runs/a'), 1, 1);
  await store.tidy();
  expect([...gone, ...kept].map((path) => existsSync(path))).toEqual([false, false, true, true]);
  expect(existsSync(join(folder, 'store/runs/a'))).toBe(false);
  expect(await store.list('runs/b/')).toEqual(['runs/b/whole']);
});

test('a bucket that is not there, and what is no store', async () => {
  await expect(openStore('s3://')).rejects.toThrow('s3://BUCKET/PREFIX');
  writeFileSync(join(folder, 'file'), '');
  await expect(openStore(join(folder, 'file'))).rejects.toThrow(/can't be used/);
});

async function textOf(stream: Readable): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

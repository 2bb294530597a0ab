import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { streamAtomic, writeAtomic } from './atomic.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'froyolo-atomic-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('replaces a file whole, makes its folder, and leaves nothing else behind', async () => {
  const file = join(folder, 'new/deep/file.txt');
  await Promise.all(['a', 'b', 'c'].map((letter) => writeAtomic(file, letter.repeat(100_000))));
  expect(await readFile(file, 'utf8')).toMatch(/^(a+|b+|c+)$/);
  await writeAtomic(file, Uint8Array.of(104, 105));
  expect(await readFile(file, 'utf8')).toBe('hi');
  expect(await readdir(join(folder, 'new/deep'))).toEqual(['file.txt']);
});

test('takes its temporary file away when it fails', async () => {
  const taken = join(folder, 'taken');
  await mkdir(join(taken, 'by a folder'), { recursive: true });
  await expect(writeAtomic(taken, 'x')).rejects.toThrow();
  expect((await readdir(folder)).filter((name) => name.includes('.part'))).toEqual([]);
});

test('a stream becomes a file once all of it is there; one that fails leaves nothing', async () => {
  const file = join(folder, 'streamed/file.txt');
  await streamAtomic(file, (sink) => pipeline(Readable.from(['on', 'e']), sink));
  const failing = Readable.from(
    (async function* () {
      yield 'tw';
      throw new Error('it broke');
    })(),
  );
  await expect(streamAtomic(file, (sink) => pipeline(failing, sink))).rejects.toThrow('it broke');
  expect(await readFile(file, 'utf8')).toBe('one');
  expect(await readdir(join(folder, 'streamed'))).toEqual(['file.txt']);
});

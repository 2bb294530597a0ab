import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { removeUnfinished, temporaryName } from './unfinished.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'froyolo-unfinished-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The name that another process would have written `file` to. */
const nameOf = (pid: number, file = 'a.txt') =>
  temporaryName(join(folder, file)).replace(`-${process.pid}-`, `-${pid}-`);

async function leftOf(...paths: readonly string[]): Promise<string[]> {
  for (const path of paths) await writeFile(path, 'half');
  await removeUnfinished(folder);
  return (await readdir(folder)).sort();
}

const ENDED = spawnSync(process.execPath, ['-e', '']).pid;

test('what a process left that has ended is removed; what one writes that runs, and other files, stay', async () => {
  const running = nameOf(process.ppid);
  const own = temporaryName(join(folder, 'a.txt'));
  const other = join(folder, 'b.part');
  expect(await leftOf(nameOf(ENDED), running, own, other)).toEqual(
    [running, own, other].map((path) => basename(path)).sort(),
  );
});

test('what an earlier process of the same number left is removed', async () => {
  const path = nameOf(process.pid);
  await writeFile(path, 'half');
  await utimes(path, 1, 1);
  await removeUnfinished(folder);
  expect(await readdir(folder)).toEqual([]);
});

test('a folder is removed whole, and what was written lately stays where that is asked for', async () => {
  const [old, fresh] = [nameOf(ENDED), nameOf(ENDED)];
  await mkdir(join(old, 'inside'), { recursive: true });
  await utimes(old, 1, 1);
  await writeFile(fresh, 'half');
  await removeUnfinished(folder, undefined, 60_000);
  expect(await readdir(folder)).toEqual([basename(fresh)]);
});

test('what another host writes stays for a day', async () => {
  const fresh = nameOf(ENDED).replace(/\.[\da-f]{6}-/, '.0000ff-');
  expect(await leftOf(fresh)).toEqual([basename(fresh)]);
  await utimes(fresh, 1, 1);
  await removeUnfinished(folder);
  expect(await readdir(folder)).toEqual([]);
});

test('of one file alone', async () => {
  const [a, b] = [nameOf(ENDED, 'a.txt'), nameOf(ENDED, 'aa.txt')];
  for (const path of [a, b]) await writeFile(path, 'half');
  await removeUnfinished(folder, 'a.txt');
  expect(await readdir(folder)).toEqual([basename(b)]);
  await removeUnfinished(join(folder, 'nowhere'));
});

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { temporaryName } from '@froyolo/common/node';
import { strToU8, zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { withUnzipped } from './unzip.js';

/** A number that no process can have. */
const GONE = 2 ** 22 + 1;

test('what a killed process had unpacked is removed by the next; that of a running one stays', async () => {
  const own = temporaryName(join(tmpdir(), 'froyolo-zip'));
  const left = own.replace(`-${process.pid}-`, `-${GONE}-`);
  const used = own.replace(`-${process.pid}-`, `-${process.ppid}-`);
  for (const folder of [left, used]) await mkdir(folder);
  const root = await mkdtemp(join(tmpdir(), 'froyolo-unzip-'));
  const zip = join(root, 'a.zip');
  await writeFile(zip, zipSync({ 'labels/a.txt': strToU8('0 .5 .5 .1 .1') }));
  const found = await withUnzipped(zip, async (folder) => [folder, await readdir(join(folder, 'labels'))]);
  expect(found[1]).toEqual(['a.txt']);
  expect([left, used, String(found[0])].map((folder) => existsSync(folder))).toEqual([false, true, false]);
  for (const folder of [used, root]) await rm(folder, { recursive: true });
});

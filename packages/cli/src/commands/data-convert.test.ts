import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { saveImage } from '@froyolo/data/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from '../cli.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'froyolo-convert-'));
  await mkdir(join(root, 'annotations'));
  const coco = {
    images: [{ id: 1, file_name: 'a.png' }],
    categories: [{ id: 5, name: 'cup' }],
    annotations: [{ image_id: 1, category_id: 5, bbox: [10, 10, 20, 5] }],
  };
  await writeFile(join(root, 'annotations/instances_val.json'), JSON.stringify(coco));
  await saveImage({ width: 40, height: 20, data: new Uint8Array(2400) }, join(root, 'images/val/a.png'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function convert(...argv: string[]) {
  const written = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({ write: (text: string) => (written[name] += text) });
  const status = await runCli(['data', 'convert', root, '--out', join(root, 'out'), ...argv], {
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    env: {},
  });
  return { status, ...written };
}

test('a COCO folder is recognized and converted', async () => {
  expect(await convert()).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/\nval: 1 image, 1 object\n1 class: cup\n.*data\.yaml\n$/),
  });
  expect(await readFile(join(root, 'out/labels/val/a.txt'), 'utf8')).toBe(
    '0 0.500000 0.625000 0.500000 0.250000\n',
  );
});

test('a folder that is not empty is refused, or replaced when asked to', async () => {
  const { status, stderr } = await convert();
  expect([status, stderr]).toEqual([1, expect.stringContaining('holds data.yaml, images, labels already')]);
  expect((await convert('--exist-ok')).status).toBe(0);
});

test('classes may be given with commas; objects of others are left out and counted', async () => {
  const { status, stderr } = await convert('--exist-ok', '--classes', 'dog,cat');
  expect([status, stderr]).toEqual([
    1,
    expect.stringContaining('no object is of the classes dog, cat; there are cup'),
  ]);
});

async function check(...argv: string[]) {
  const written = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({ write: (text: string) => (written[name] += text) });
  const streams = { stdout: stream('stdout'), stderr: stream('stderr'), env: {} };
  return { status: await runCli(['data', 'check', ...argv], streams), ...written };
}

test('check: figures, findings with their place, and an exit status for CI', async () => {
  const out = join(root, 'out');
  await convert('--exist-ok');
  await writeFile(join(out, 'data.yaml'), 'train: images/val\nval: images/val\nnames: [cup]\n');
  const good = await check(out);
  expect([good.status, good.stdout]).toEqual([0, expect.stringMatching(/cup +1 +1 +0/)]);
  expect((await check(out, '--strict')).status).toBe(1);
  await writeFile(join(out, 'labels/val/a.txt'), '0 0.5 0.5 0.1 0.1\n3 0.5 0.5 0.1 0.1\n');
  const bad = await check(out, '--json', '--fix', join(root, 'fixed'), '--pictures', join(root, 'pictures'));
  expect([bad.status, bad.stderr]).toEqual([1, expect.stringContaining('1 finding to look at')]);
  expect(JSON.parse(bad.stdout).findings[0]).toMatchObject({
    kind: 'bad-label',
    file: 'labels/val/a.txt',
    line: 2,
  });
  expect((await check(join(root, 'fixed/data.yaml'))).status).toBe(0);
});

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { disposable, type Executor } from '@froyolo/core';
import { createImage } from '@froyolo/data';
import { saveImage } from '@froyolo/data/node';
import { createDetector } from '@froyolo/yolo';
import { TOY_ARCHITECTURE } from '@froyolo/yolo/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ValidateFilesOptions, validateOnFiles } from './validate-files.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'froyolo-val-'));
  for (const folder of ['images', 'labels']) await mkdir(join(root, folder));
  await saveImage(createImage(64, 64), join(root, 'images/a.png'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Finds one object of class 1 in every image: 16 by 32 pixels around (32, 24). */
const executor: Executor = disposable({
  name: 'fixed',
  async compile() {
    const data = Float32Array.of(32, 24, 16, 32, 0.9, 0, 1);
    const predictions = { dtype: 'float32', shape: [1, 1, 7], data } as const;
    return { run: async () => ({ predictions }), dispose: async () => {} };
  },
  createStore: () => Promise.reject(new Error('not used')),
  dispose: async () => {},
});

/** Validates a detector on an image whose object is class `label` of the dataset. */
async function validateNamed(
  known: readonly string[],
  labeled: readonly string[],
  label: number,
  options: Partial<ValidateFilesOptions> = {},
) {
  const data = join(root, 'data.yaml');
  await writeFile(data, `path: .\nval: images\nnames: ${JSON.stringify(labeled)}\n`);
  await writeFile(join(root, 'labels/a.txt'), `${label} 0.5 0.375 0.25 0.5\n`);
  const detector = createDetector(TOY_ARCHITECTURE, { names: known, seed: 0 });
  let told: string | undefined;
  const onStart: ValidateFilesOptions['onStart'] = ({ classes }) => {
    told = classes;
  };
  const result = await validateOnFiles({
    detector,
    executor,
    data,
    imgsz: 64,
    workers: 0,
    rect: false,
    onStart,
    ...options,
  });
  return { told, mAP50: result.mAP50, classes: result.classes.map(({ name }) => name) };
}

const found = { mAP50: expect.closeTo(0.995, 6), classes: ['dog'] };

test('the same classes: figures without a word', async () => {
  expect(await validateNamed(['cat', 'dog'], ['cat', 'dog'], 1)).toEqual({ ...found, told: undefined });
});

test.each([
  ['in another order', ['dog', 'cat'], 0],
  ['some of them', ['dog'], 0],
])('the same names %s: labels are mapped by name, which is said', async (_, labeled, label) => {
  const result = await validateNamed(['cat', 'dog'], labeled, label);
  expect(result).toEqual({ ...found, told: expect.stringContaining("0 dog is the detector's 1") });
});

test('a detector without names of its own: by number', async () => {
  const result = await validateNamed(['class0', 'class1'], ['cat', 'dog'], 1);
  expect(result).toMatchObject({ mAP50: found.mAP50, told: expect.stringContaining('by number') });
});

test.each([
  ['fewer', ['thing'], 0],
  ['more', ['cat', 'dog', 'cow'], 1],
  ['as many others', ['one', 'two'], 1],
])('%s classes than the detector has: refused', async (_, labeled, label) => {
  await expect(validateNamed(['cat', 'dog'], labeled, label)).rejects.toThrow(
    `data.yaml: its classes are not the detector's`,
  );
});

test('with singleCls names do not matter', async () => {
  const result = await validateNamed(['cat', 'dog'], ['one', 'two', 'three'], 2, { singleCls: true });
  expect(result).toMatchObject({ mAP50: found.mAP50, told: undefined });
});

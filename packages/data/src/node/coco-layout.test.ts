import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { putFile } from '../fixtures/dataset-folder.js';
import { findCoco } from './coco-layout.js';

async function folderWith(...files: string[]): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'froyolo-layout-'));
  for (const file of files) await putFile(join(root, file), '{}');
  return root;
}

test('annotations in their own folder, images by the name of each', async () => {
  const names = ['annotations/instances_train2017.json', 'annotations/instances_val2017.json'];
  const root = await folderWith(
    ...names,
    'annotations/captions_val2017.json',
    'train2017/a',
    'images/val2017/a',
  );
  const [train, val] = names.map((name) => join(root, name)) as [string, string];
  expect(await findCoco(root)).toEqual({
    train: { annotations: train, images: join(root, 'train2017') },
    val: { annotations: val, images: join(root, 'images/val2017') },
  });
  expect(await findCoco(val)).toEqual({ val: { annotations: val, images: join(root, 'images/val2017') } });
});

test('annotations beside the images', async () => {
  const file = '_annotations.coco.json';
  const root = await folderWith(`train/${file}`, `valid/${file}`, 'other/a');
  const at = (folder: string) => ({ annotations: join(root, folder, file), images: join(root, folder) });
  expect(await findCoco(root)).toEqual({ train: at('train'), val: at('valid') });
});

test('a file by itself: images beside it or where they are said to be; without a split it is for training', async () => {
  const root = await folderWith('mine.json');
  const annotations = join(root, 'mine.json');
  expect(await findCoco(annotations)).toEqual({ train: { annotations, images: root } });
  expect(await findCoco(annotations, 'pictures')).toEqual({ train: { annotations, images: 'pictures' } });
});

test('what is not there, or there twice, is said', async () => {
  expect(await findCoco(await folderWith('Annotations/a.xml'))).toBeUndefined();
  await expect(findCoco(await folderWith('annotations/instances_a.json'))).rejects.toThrow(
    'name their folder',
  );
  const names = ['annotations/instances_val1.json', 'annotations/instances_val2.json'];
  const twice = await folderWith(...names, 'val1/a', 'val2/a');
  await expect(findCoco(twice)).rejects.toThrow('"val" has annotations in');
});

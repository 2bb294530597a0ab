/** What becomes of COCO files as a whole: splits, folders, classes that only group. */
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDataset } from '@froyolo/data/node';
import { expect, test } from 'vitest';
import { caseFolder, coco, PICTURE } from './case-folder.js';
import { convert, convertFile } from './convert-coco.js';

test('latest: only a whole word names a split; a dataset without one can be trained on', async () => {
  const root = await caseFolder({ 'latest.json': coco({}), 'a.jpg': PICTURE });
  const { dataYaml, notes } = await convert(root, join(root, 'latest.json'));
  expect(notes).toEqual(['Only 1 image: it is both trained and validated on.']);
  for (const split of ['train', 'val'] as const)
    expect((await openDataset(dataYaml, split)).images).toHaveLength(1);
});

test('a validation set is held out where there is none, and said so', async () => {
  const names = Array.from({ length: 10 }, (_, i) => `${i}.jpg`);
  const images = names.map((file_name, id) => ({ id, file_name }));
  const { result } = await convertFile(
    coco({ images }),
    Object.fromEntries(names.map((name) => [name, PICTURE])),
  );
  expect(result.splits).toMatchObject({ train: { images: 8 }, val: { images: 2 } });
  expect(result.notes).toEqual([
    'No validation set was found: every fifth image is held out for validation.',
  ]);
});

test('convert-rerun: a folder that holds something is refused and stays as it was', async () => {
  const root = await caseFolder({ 'first.json': coco({}), 'a.jpg': PICTURE, 'b.jpg': PICTURE });
  await convert(root, join(root, 'first.json'));
  await writeFile(join(root, 'second.json'), coco({ images: [{ id: 1, file_name: 'b.jpg' }] }));
  const second = () => convert(root, join(root, 'second.json'));
  await expect(second()).rejects.toThrow(/out: holds data\.yaml, images, labels already/);
  expect(await readdir(join(root, 'out/images/train'))).toEqual(['a.jpg']);
  await convert(root, join(root, 'second.json'), { existOk: true });
  expect(await readdir(join(root, 'out/images/train'))).toEqual(['b.jpg']);
  expect((await readdir(root)).filter((name) => name.includes('.part'))).toEqual([]);
});

test('Roboflow: a category that only groups the others is no class', async () => {
  const categories = [
    { id: 0, name: 'cells', supercategory: 'none' },
    { id: 1, name: 'red', supercategory: 'cells' },
    { id: 2, name: 'white', supercategory: 'cells' },
  ];
  expect((await convertFile(coco({ categories }))).result.names).toEqual(['red', 'white']);
});

test.each([
  ['cut off', '{"images":[', ''],
  [
    'detections',
    JSON.stringify([{ image_id: 1, category_id: 1, bbox: [1, 1, 5, 5], score: 0.5 }]),
    '; it looks like a list of detections, without the images that they are on: export COCO or Pascal VOC from the tool',
  ],
])('a JSON file that is no COCO file is named: %s', async (_, text, hint) => {
  const root = await caseFolder({ 'annotations/instances.json': text, 'a.jpg': PICTURE });
  await expect(convert(root)).rejects.toThrow(
    `1 image but no annotations (annotations/instances.json is not COCO, which has images, annotations, categories${hint})`,
  );
});

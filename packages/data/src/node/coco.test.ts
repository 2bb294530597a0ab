import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { putFile } from '../fixtures/dataset-folder.js';
import { syntheticImage } from '../fixtures/goldens.js';
import { convertCoco } from './coco.js';
import { openDataset } from './dataset.js';
import { saveImage } from './image-file.js';

const coco = {
  images: [
    { id: 7, file_name: 'one.jpg' },
    { id: 9, file_name: 'two.jpg' },
  ],
  categories: [
    { id: 18, name: 'dog' },
    { id: 3, name: 'car' },
  ],
  annotations: [
    { image_id: 7, category_id: 18, bbox: [10, 20, 20, 40] },
    { image_id: 7, category_id: 3, bbox: [90, 0, 20, 8] },
    { image_id: 7, category_id: 3, bbox: [0, 0, 50, 50], iscrowd: 1 },
  ],
};

async function convert(content: unknown) {
  const root = await mkdtemp(join(tmpdir(), 'froyolo-coco-'));
  const annotations = join(root, 'train.json');
  await putFile(annotations, JSON.stringify(content));
  for (const { file_name } of coco.images)
    await saveImage(syntheticImage(100, 80), join(root, 'pictures', file_name));
  const out = join(root, 'out');
  return {
    out,
    result: await convertCoco({ splits: { train: { annotations, images: join(root, 'pictures') } }, out }),
  };
}

test('categories in order of id, boxes cut, crowds left out, images without objects kept', async () => {
  const { out, result } = await convert(coco);
  expect(result.names).toEqual(['car', 'dog']);
  expect(result.splits).toEqual({ train: { images: 2, objects: 2 } });
  expect(result.warnings).toHaveLength(1);
  expect(result.warnings[0]).toContain('one.jpg: car box 90,0,20,8 of a 100x80 image is cut to the image');
  expect(await readFile(join(out, 'labels/train/one.txt'), 'utf8')).toBe(
    '1 0.200000 0.500000 0.200000 0.500000\n0 0.950000 0.050000 0.100000 0.100000\n',
  );
  const { images, counts } = await openDataset(result.dataYaml, 'train');
  expect(images).toHaveLength(2);
  expect(counts).toEqual({ missing: 0, empty: 1, corrupt: 0 });
});

test('what is not COCO is named', async () => {
  await expect(convert({ images: [] })).rejects.toThrow('not a COCO instances file: annotations');
  const twice = [...coco.images, { id: 10, file_name: 'b/one.png' }];
  await expect(convert({ ...coco, images: twice })).rejects.toThrow('two images are called one');
  const unknown = [{ image_id: 7, category_id: 4, bbox: [0, 0, 1, 1] }];
  await expect(convert({ ...coco, annotations: unknown })).rejects.toThrow(
    'one.jpg: category 4 is not listed',
  );
});

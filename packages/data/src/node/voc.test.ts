import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DatasetError, LabelError } from '../errors.js';
import { putFile } from '../fixtures/dataset-folder.js';
import { hasShared, shared, sharedNote, syntheticImage } from '../fixtures/goldens.js';
import { openDataset } from './dataset.js';
import { saveImage } from './image-file.js';
import { convertVoc } from './voc.js';

const object = (name: string, box: number[], extra = '') => {
  const [xmin, ymin, xmax, ymax] = box;
  return `<object><name>${name}</name>${extra}<bndbox><xmin>${xmin}</xmin><ymin>${ymin}</ymin><xmax>${xmax}</xmax><ymax>${ymax}</ymax></bndbox></object>`;
};

async function makeVoc(objects: string) {
  const root = await mkdtemp(join(tmpdir(), 'froyolo-voc-'));
  await saveImage(syntheticImage(100, 80), join(root, 'JPEGImages/one.jpg'));
  await putFile(
    join(root, 'Annotations/one.xml'),
    `<annotation><filename>x</filename>${objects}</annotation>`,
  );
  const options = {
    annotations: join(root, 'Annotations'),
    images: join(root, 'JPEGImages'),
    out: join(root, 'out'),
  };
  return { root, options };
}

test('boxes count from 1, are cut to the image, and difficult ones are left out', async () => {
  const { options } = await makeVoc(
    [
      object('dog &amp; co', [11, 21, 31, 61]),
      object('cat', [1, 1, 101, 81]),
      object('cat', [90, 10, 120, 30]),
      object('cat', [50, 50, 50, 60]),
      object('cat', [5, 5, 50, 60], '<difficult>1</difficult>'),
    ].join(''),
  );
  const result = await convertVoc(options);
  expect(result.names).toEqual(['cat', 'dog & co']);
  expect(result.splits).toEqual({ train: { images: 1, objects: 3 } });
  expect(result.warnings).toHaveLength(3);
  expect(result.warnings.join('\n')).toMatch(/one\.xml: cat box 90,10,120,30 of a 100x80 image is cut/);
  expect(result.warnings.join('\n')).toMatch(/50,50,50,60 of a 100x80 image is empty/);
  const text = await readFile(join(options.out, 'labels/train/one.txt'), 'utf8');
  expect(text.split('\n')).toEqual([
    '1 0.200000 0.500000 0.200000 0.500000',
    '0 0.500000 0.500000 1.000000 1.000000',
    '0 0.945000 0.237500 0.110000 0.250000',
    '',
  ]);
  expect(await readFile(result.dataYaml, 'utf8')).toContain('names:\n  0: cat\n  1: dog & co\n');
  const dataset = await openDataset(result.dataYaml, 'train');
  expect(dataset.warnings).toEqual([]);
  expect(await convertVoc(options)).toEqual(result);
});

test('a class list sets the order and leaves out the others', async () => {
  const { options } = await makeVoc(object('b', [1, 1, 9, 9]) + object('a', [1, 1, 9, 9]));
  const { names, warnings, splits } = await convertVoc({ ...options, classes: ['b'] });
  expect(names).toEqual(['b']);
  expect(splits.train!.objects).toBe(1);
  expect(warnings[0]).toContain('class "a" is not in the list');
});

test('what is missing or broken is named', async () => {
  const { root, options } = await makeVoc(object('a', [1, 1, 9, 9]));
  await putFile(join(root, 'sets/train.txt'), 'one\ntwo\n');
  await expect(convertVoc({ ...options, imageSets: join(root, 'sets') })).rejects.toThrow(
    'no image named two',
  );
  await expect(convertVoc({ ...options, annotations: join(root, 'none') })).rejects.toThrow(DatasetError);
  await putFile(
    join(root, 'Annotations/one.xml'),
    '<annotation><object><name>a</name></object></annotation>',
  );
  await expect(convertVoc(options)).rejects.toThrow(LabelError);
  await expect(convertVoc(options)).rejects.toThrow(
    'one.xml: not a Pascal VOC annotation: annotation.object.0.bndbox',
  );
  await putFile(join(root, 'Annotations/one.xml'), '<annotation><object>');
  await expect(convertVoc(options)).rejects.toThrow("one.xml: can't be read as XML");
});

describe.skipIf(!hasShared)(`BCCD${sharedNote}`, () => {
  test('converts, opens without warnings, and has every object that is a box', async () => {
    const bccd = join(shared, 'data/bccd');
    const out = await mkdtemp(join(tmpdir(), 'froyolo-bccd-'));
    const imageSets = join(bccd, 'ImageSets/Main');
    const result = await convertVoc({
      annotations: join(bccd, 'Annotations'),
      images: join(bccd, 'JPEGImages'),
      imageSets,
      out,
    });
    expect(result.names).toEqual(['Platelets', 'RBC', 'WBC']);
    expect(result.splits).toEqual({
      train: { images: 205, objects: 2804 },
      val: { images: 87, objects: 1137 },
      test: { images: 72, objects: 945 },
    });
    // 4888 objects are annotated; two have no area.
    expect(result.warnings).toHaveLength(2);
    const dataset = await openDataset(result.dataYaml, 'train');
    expect(dataset.images).toHaveLength(205);
    expect(dataset.counts.corrupt).toBe(0);
  });
});

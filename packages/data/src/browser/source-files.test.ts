import { strToU8, zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { DatasetError } from '../errors.js';
import { filesOfZip } from './source-files.js';

test('what a dataset may need is unpacked, with its path', async () => {
  const zip = zipSync({
    'set/images/a.jpg': strToU8('pixels'),
    'set/labels/a.txt': strToU8('0 0.5 0.5 0.1 0.1'),
    'set/data.yaml': strToU8('names: [x]'),
    'set/run.sh': strToU8('rm'),
    '__MACOSX/set/images/._a.jpg': strToU8('x'),
  });
  const files = await filesOfZip(new Blob([zip.slice()]), 'set.zip');
  expect(files.map(({ path }) => path).sort()).toEqual([
    'set/data.yaml',
    'set/images/a.jpg',
    'set/labels/a.txt',
  ]);
  const label = files.find(({ path }) => path.endsWith('a.txt'))!;
  expect(await label.blob.text()).toBe('0 0.5 0.5 0.1 0.1');
});

test.each([
  ['no archive', strToU8('hello')],
  ['an archive that is cut short', zipSync({ 'a.txt': strToU8('0 0.5 0.5 0.1 0.1') }).subarray(0, 40)],
])('%s is an error that names the file', async (_, bytes) => {
  const promise = filesOfZip(new Blob([bytes.slice()]), 'my.zip');
  await expect(promise).rejects.toThrow(DatasetError);
  await expect(promise).rejects.toThrow('my.zip');
});

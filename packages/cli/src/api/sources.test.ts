import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listSources, SourceError } from './sources.js';

const folder = mkdtempSync(join(tmpdir(), 'froyolo-sources-'));
const at = (...parts: string[]) => join(folder, ...parts);

beforeAll(() => {
  mkdirSync(at('images', 'deeper'), { recursive: true });
  mkdirSync(at('empty'));
  for (const file of ['images/b.jpg', 'images/a.PNG', 'images/notes.md', 'images/deeper/c.jpg', 'clip.mp4'])
    writeFileSync(at(file), '');
  writeFileSync(at('list.txt'), '# pictures\nimages/b.jpg\n\nimages/a.PNG\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a file, a folder, a glob and a list', async () => {
  const both = [at('images/a.PNG'), at('images/b.jpg')];
  expect(await listSources([at('images/b.jpg')])).toEqual([at('images/b.jpg')]);
  expect(await listSources([at('images')])).toEqual(both);
  expect(await listSources([at('images/**/*.jpg')])).toEqual([at('images/b.jpg'), at('images/deeper/c.jpg')]);
  expect(await listSources([at('list.txt')])).toEqual(both.toReversed());
  expect(await listSources([at('images/b.jpg'), at('images')])).toEqual(both.toReversed());
});

test.each([
  ['nothing there', () => at('nowhere'), 'no such file or folder'],
  ['an empty folder', () => at('empty'), 'the folder holds no image'],
  ['a glob without match', () => at('images/*.webp'), 'no image matches'],
  ['another kind of file', () => at('images/notes.md'), `".md" isn't an image format`],
  ['a video', () => at('clip.mp4'), "a video can't be read yet"],
  ['a camera', () => '0', "a camera can't be read yet"],
  ['an address', () => 'https://example.com/a.jpg', "an address can't be read yet"],
])('%s is an error that names the source', async (_, source, message) => {
  const promise = listSources([source()]);
  await expect(promise).rejects.toThrow(SourceError);
  await expect(promise).rejects.toThrow(`source ${source()}: ${message}`);
});

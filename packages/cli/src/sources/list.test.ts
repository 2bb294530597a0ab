import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listSources } from './list.js';
import { labelOf, pathOf, SourceError } from './source.js';

const folder = mkdtempSync(join(tmpdir(), 'froyolo-sources-'));
const at = (...parts: string[]) => join(folder, ...parts);

beforeAll(() => {
  mkdirSync(at('images', 'deeper'), { recursive: true });
  mkdirSync(at('empty'));
  for (const file of [
    'images/b.jpg',
    'images/a.PNG',
    'images/notes.md',
    'images/a.mp4',
    'images/deeper/c.jpg',
  ])
    writeFileSync(at(file), '');
  writeFileSync(at('list.txt'), '# pictures\nimages/b.jpg\n\nimages/a.mp4\nimages/a.PNG\n');
  writeFileSync(at('cameras.streams'), '0\n# the yard\nrtsp://10.0.0.1/yard\nhttp://host/clip.mp4\n');
  writeFileSync(at('files.streams'), 'images/b.jpg\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const labelsOf = async (...texts: string[]) => (await listSources(texts)).map(labelOf);

test('a file, a folder, a glob and a list; images come before videos', async () => {
  const [png, jpg, video] = [at('images/a.PNG'), at('images/b.jpg'), at('images/a.mp4')];
  expect(await labelsOf(jpg)).toEqual([jpg]);
  expect(await labelsOf(at('images'))).toEqual([png, jpg, video]);
  expect(await labelsOf(at('images/**/*.jpg'))).toEqual([jpg, at('images/deeper/c.jpg')]);
  expect(await labelsOf(at('list.txt'))).toEqual([jpg, video, png]);
  expect(await labelsOf(jpg, at('images'))).toEqual([jpg, png, video]);
  expect(await listSources([video])).toEqual([{ kind: 'video', path: video }]);
});

test('cameras, screens, addresses, and lists of them', async () => {
  expect(await listSources(['0', 'screen', 'screen 1', 'screen 10 20 640 480'])).toEqual([
    { kind: 'camera', index: 0 },
    { kind: 'screen', screen: 0 },
    { kind: 'screen', screen: 1 },
    { kind: 'screen', screen: 0, area: { left: 10, top: 20, width: 640, height: 480 } },
  ]);
  expect(await listSources(['screen 2 0 0 64 48'])).toEqual([
    { kind: 'screen', screen: 2, area: { left: 0, top: 0, width: 64, height: 48 } },
  ]);
  const addresses = [
    'https://host/a%20b.jpg?size=1',
    'http://host/clip.MP4',
    'rtsp://me:secret@host:554/live',
  ];
  const sources = await listSources(addresses);
  expect(sources.map(({ kind }) => kind)).toEqual(['image address', 'video address', 'stream']);
  expect(sources.map(pathOf)).toEqual(['a b.jpg', 'clip.MP4', 'live']);
  expect(sources.map(labelOf)).toEqual([...addresses.slice(0, 2), 'rtsp://host:554/live']);
  expect((await listSources([at('cameras.streams')])).map(({ kind }) => kind)).toEqual([
    'camera',
    'stream',
    'stream',
  ]);
});

test.each([
  ['nothing there', () => at('nowhere'), 'no such file or folder'],
  ['an empty folder', () => at('empty'), 'the folder has no images or videos'],
  ['a glob without match', () => at('images/*.webp'), 'it matches no images or videos'],
  ['another kind of file', () => at('images/notes.md'), `".md" is not an image or video format`],
  ['a page of videos', () => 'https://www.youtube.com/watch?v=1', 'this is a web page, not a video'],
  ['a protocol of files', () => 'file:///etc/passwd', '"file" is none of'],
  ['a screen in other words', () => 'screen one', 'a screen is written'],
  ['a screen without width', () => 'screen 0 0 0 10', 'a screen is written'],
])('%s is an error that names the source', async (_, source, message) => {
  const promise = listSources([source()]);
  await expect(promise).rejects.toThrow(SourceError);
  await expect(promise).rejects.toThrow(`source ${source()}: ${message}`);
});

test('a list of streams holds nothing else', async () => {
  await expect(listSources([at('files.streams')])).rejects.toThrow(
    '"images/b.jpg" is not a camera, a screen',
  );
});

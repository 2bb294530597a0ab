/** What `--source` stands for: images, videos, cameras, screens and streams. */
import { readdir, stat } from 'node:fs/promises';
import { dirname, extname, isAbsolute, join, normalize, resolve } from 'node:path';
import { entriesOf, LIMITS } from '@froyolo/data';
import { isImagePath, readTextBounded, reasonOf } from '@froyolo/data/node';
import { glob, isDynamicPattern } from 'tinyglobby';
import { isLive, isVideoPath, type Source, SourceError, sourceNamed } from './source.js';

/**
 * Everything that the texts name, each once, in order; of a folder, glob or list images come before videos. A text is a
 * file, a folder (its own files, not those of folders in it), a glob, a `.txt` list of paths, which are relative to it, a
 * `.streams` list of cameras and addresses, a camera (`0`), `screen`, or an address.
 * @throws SourceError for a source that is missing, holds nothing to look at, or can't be read
 */
export async function listSources(texts: readonly string[]): Promise<Source[]> {
  const all: Source[] = [];
  for (const text of texts) all.push(...(await listSource(text)));
  return [...new Map(all.map((source) => [JSON.stringify(source), source])).values()];
}

async function listSource(text: string): Promise<Source[]> {
  const named = sourceNamed(text);
  if (named) return [named];
  const info = await stat(text).catch(() => undefined);
  if (info?.isDirectory()) return inFolder(text);
  const extension = extname(text).toLowerCase();
  if (info && extension === '.txt') return inList(text);
  if (info && extension === '.streams') return inStreams(text);
  if (info) return [fileNamed(text)];
  if (isDynamicPattern(text)) return matching(text);
  throw new SourceError(`source ${text}: no such file or folder`);
}

function fileNamed(path: string): Source {
  if (isImagePath(path)) return { kind: 'image', path };
  if (isVideoPath(path)) return { kind: 'video', path };
  throw new SourceError(`source ${path}: "${extname(path)}" is not an image or video format`);
}

async function inFolder(folder: string): Promise<Source[]> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort();
  return mediaAmong(
    names.map((name) => join(folder, name)),
    folder,
    'the folder has no images or videos',
  );
}

async function matching(pattern: string): Promise<Source[]> {
  const absolute = isAbsolute(pattern);
  const files = await glob(pattern.replaceAll('\\', '/'), { expandDirectories: false, absolute });
  return mediaAmong(files.map(normalize).sort(), pattern, 'it matches no images or videos');
}

function mediaAmong(paths: readonly string[], source: string, problem: string): Source[] {
  const of = (kind: 'image' | 'video', keep: (path: string) => boolean) =>
    paths.filter(keep).map((path) => ({ kind, path }));
  return nonEmpty([...of('image', isImagePath), ...of('video', isVideoPath)], source, problem);
}

async function inList(file: string): Promise<Source[]> {
  const texts = await entriesIn(file);
  const sources = texts.map((text) => sourceNamed(text) ?? inListed(resolve(dirname(file), text)));
  return nonEmpty(sources, file, 'the list is empty');
}

/** A path that is neither is left to the reader of images, which says what is wrong with it. */
function inListed(path: string): Source {
  return { kind: isVideoPath(path) ? 'video' : 'image', path };
}

async function inStreams(file: string): Promise<Source[]> {
  const sources = (await entriesIn(file)).map((text) => {
    const source = sourceNamed(text);
    if (source?.kind === 'video address') return { kind: 'stream', address: source.address } as const;
    if (source && isLive(source)) return source;
    throw new SourceError(`source ${file}: "${text}" is not a camera, a screen or the URL of a stream`);
  });
  return nonEmpty(sources, file, 'the list is empty');
}

async function entriesIn(file: string): Promise<string[]> {
  const text = await readTextBounded(file, LIMITS.listBytes).catch((error: unknown) => {
    throw new SourceError(`source ${file}: can't be read: ${reasonOf(error)}`, { cause: error });
  });
  return entriesOf(text);
}

function nonEmpty(sources: Source[], source: string, problem: string): Source[] {
  if (sources.length === 0) throw new SourceError(`source ${source}: ${problem}`);
  return sources;
}

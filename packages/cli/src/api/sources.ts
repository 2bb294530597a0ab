/** What `--source` stands for: a list of image files. */
import { readdir, stat } from 'node:fs/promises';
import { dirname, extname, isAbsolute, join, normalize, resolve } from 'node:path';
import { entriesOf, LIMITS } from '@froyolo/data';
import { isImagePath, readTextBounded, reasonOf } from '@froyolo/data/node';
import { FroyoloError } from '@froyolo/errors';
import { glob, isDynamicPattern } from 'tinyglobby';

/** A source of images that is missing, or of a kind that can't be read. */
export class SourceError extends FroyoloError {
  override name = 'SourceError';
  override readonly code = 'ERR_SOURCE';
}

const VIDEO_EXTENSIONS = [
  '.asf',
  '.avi',
  '.m4v',
  '.mkv',
  '.mov',
  '.mp4',
  '.mpeg',
  '.mpg',
  '.ts',
  '.webm',
  '.wmv',
];

/**
 * Image files of all sources, each once, in order. A source is a file, a folder (its own images, not those of folders in
 * it), a glob or a text file of paths, which are relative to it.
 * @throws SourceError for a source that is missing, holds no image, or is a video, a stream or an address
 */
export async function listSources(sources: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const source of sources) files.push(...(await listSource(source)));
  return [...new Set(files)];
}

async function listSource(source: string): Promise<string[]> {
  rejectOthers(source);
  const info = await stat(source).catch(() => undefined);
  if (info?.isDirectory()) return inFolder(source);
  if (info) return extname(source).toLowerCase() === '.txt' ? inList(source) : [imageFile(source)];
  if (isDynamicPattern(source)) return matching(source);
  throw new SourceError(`source ${source}: no such file or folder`);
}

function rejectOthers(source: string): void {
  const kind = kindOf(source);
  if (kind)
    throw new SourceError(
      `source ${source}: ${kind} can't be read yet; give an image, a folder, a glob or a .txt list of images`,
    );
}

function kindOf(source: string): string | undefined {
  const extension = extname(source).toLowerCase();
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(source)) return 'an address';
  if (/^\d+$/.test(source)) return 'a camera';
  if (/^screen(\s|$)/.test(source)) return 'the screen';
  if (extension === '.streams') return 'a list of streams';
  if (VIDEO_EXTENSIONS.includes(extension)) return 'a video';
  return undefined;
}

function imageFile(path: string): string {
  if (!isImagePath(path)) throw new SourceError(`source ${path}: "${extname(path)}" isn't an image format`);
  return path;
}

async function inFolder(folder: string): Promise<string[]> {
  const files = (await readdir(folder)).filter((name) => isImagePath(name) && !name.startsWith('.')).sort();
  return nonEmpty(
    files.map((file) => join(folder, file)),
    folder,
    'the folder holds no image',
  );
}

async function matching(pattern: string): Promise<string[]> {
  const absolute = isAbsolute(pattern);
  const files = await glob(pattern.replaceAll('\\', '/'), { expandDirectories: false, absolute });
  return nonEmpty(files.filter(isImagePath).map(normalize).sort(), pattern, 'no image matches');
}

async function inList(file: string): Promise<string[]> {
  const text = await readTextBounded(file, LIMITS.listBytes).catch((error: unknown) => {
    throw new SourceError(`source ${file}: can't be read: ${reasonOf(error)}`, { cause: error });
  });
  return nonEmpty(
    entriesOf(text).map((path) => resolve(dirname(file), path)),
    file,
    'the list is empty',
  );
}

function nonEmpty(files: string[], source: string, problem: string): string[] {
  if (files.length === 0) throw new SourceError(`source ${source}: ${problem}`);
  return files;
}

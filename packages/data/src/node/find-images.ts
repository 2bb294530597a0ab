import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, extname, isAbsolute, join, resolve } from 'node:path';
import { DatasetError } from '../errors.js';
import { LIMITS } from '../limits.js';
import { byCodePoint, entriesOf, printable } from '../text.js';
import { readTextBounded, reasonOf } from './files.js';
import { isImagePath } from './image-file.js';

/** Longest path that is looked for in other folders, which is Linux's limit: each folder in it costs a look. */
const LONGEST_PATH = 4096;

/**
 * Image paths that an entry of a dataset YAML stands for: a folder (searched through, links followed), a text file of paths,
 * or one image. As in YOLOv5, `../images` is also looked for without `../`; backslashes separate folders where nothing
 * has such a name.
 * @param root folder that the entry is relative to
 * @throws DatasetError when there is no such thing
 */
export async function findImages(entry: string, root: string): Promise<string[]> {
  const path = await placeOf(entry, root);
  if (path === undefined) throw new DatasetError(missing(entry, root));
  const info = await stat(path);
  if (info.isDirectory()) return (await listFiles(path)).filter(isImagePath);
  if (isImagePath(path)) return [path];
  if (extname(path).toLowerCase() === '.txt') return readList(path);
  throw new DatasetError(`${path}: not a folder, a .txt list or an image`);
}

/** Interpretations of an entry, the literal one first. */
function spellings(entry: string): string[] {
  const slashed = entry.replaceAll('\\', '/');
  const below = slashed.replace(/^(\.\.\/)+/, '');
  return [...new Set([entry, slashed, below])];
}

async function placeOf(entry: string, root: string): Promise<string | undefined> {
  for (const spelling of spellings(entry)) {
    const path = resolve(root, spelling);
    if (await isThere(path)) return path;
  }
  return undefined;
}

const isThere = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined)) !== undefined;

function missing(entry: string, root: string): string {
  const shown = entry.length > 300 ? `${entry.slice(0, 300)}…` : entry;
  const control = /[\t\n\r\f\v\b]/.test(entry)
    ? '. A backslash in double quotes begins a control character: use forward slashes or single quotes'
    : '';
  return `${printable(resolve(root, shown))}: no such file or folder; check "path" and the split's entry in the dataset YAML${control}`;
}

/**
 * Paths of all files in a folder and the folders in it, hidden ones left out, in order. Links are followed; a folder that
 * several lead to is searched through once.
 */
export async function listFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  await collect(folder, new Set(), found);
  return found.sort(byCodePoint);
}

/** @param visited real paths of the folders that were searched through: links may go in circles */
async function collect(folder: string, visited: Set<string>, found: string[]): Promise<void> {
  const real = await realpath(folder);
  if (visited.has(real)) return;
  visited.add(real);
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw new DatasetError(`${folder}: can't be listed: ${reasonOf(error)}`);
  });
  // Real folders come first, so that a link to one of them adds nothing.
  const ordered = entries.sort((a, b) => Number(a.isSymbolicLink()) - Number(b.isSymbolicLink()));
  for (const entry of ordered) {
    // Skips hidden files: macOS puts a `._NAME` beside each image.
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    const kind = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : entry;
    if (kind?.isDirectory()) await collect(path, visited, found);
    // A broken link and a pipe are kept: they are reported as images that can't be read.
    else found.push(path);
  }
}

/**
 * Paths in a list are relative to the list. Where they are those of another machine (CVAT writes `data/` before them),
 * leading folders are dropped as far as the first path needs it.
 */
async function readList(file: string): Promise<string[]> {
  const text = await readTextBounded(file, LIMITS.listBytes).catch((error: unknown) => {
    throw new DatasetError(`${file}: can't be read: ${reasonOf(error)}`);
  });
  const lines = entriesOf(text).filter((line) => isImagePath(line));
  const separated = lines.map((line) => (line.includes('/') ? line : line.replaceAll('\\', '/')));
  const folder = dirname(file);
  const dropped = await foldersToDrop(separated[0] ?? '', folder);
  return separated.map((path) =>
    dropped > 0
      ? join(folder, ...path.split('/').slice(dropped))
      : isAbsolute(path)
        ? path
        : resolve(folder, path),
  );
}

/** How many leading folders must be dropped from a path to find it in a folder; 0 if nothing helps. */
async function foldersToDrop(path: string, folder: string): Promise<number> {
  if (path.length > LONGEST_PATH || (await isThere(resolve(folder, path)))) return 0;
  const parts = path.split('/');
  for (let dropped = 1; dropped < parts.length; dropped++)
    if (await isThere(join(folder, ...parts.slice(dropped)))) return dropped;
  return 0;
}

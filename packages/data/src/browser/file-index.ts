/** The files of a dataset by path, and how paths written in it are understood. */
import { DatasetError } from '../errors.js';
import { isBrowserImage } from './decode-image.js';
import type { SourceFile } from './source-files.js';

export class FileIndex {
  readonly #files: ReadonlyMap<string, Blob>;
  /** Images in the order of their paths. */
  readonly images: readonly string[];

  constructor(files: readonly SourceFile[]) {
    this.#files = new Map(files.map(({ path, blob }) => [path, blob]));
    this.images = [...this.#files.keys()].filter(isBrowserImage).sort(byCodePoint);
  }

  get paths(): IterableIterator<string> {
    return this.#files.keys();
  }

  has(path: string): boolean {
    return this.#files.has(path);
  }

  /** @throws DatasetError when there is no such file */
  blob(path: string): Blob {
    const blob = this.#files.get(path);
    if (!blob) throw new DatasetError(`${path}: no such file in what was opened`);
    return blob;
  }

  text(path: string): Promise<string> {
    return this.blob(path).text();
  }

  /**
   * The images that an entry of a dataset YAML or list means: a folder, a list (`.txt`) or an image. Paths there are
   * those of the machine that wrote them, so leading folders are dropped until something of that name was opened.
   * @param base folder of the file that holds the entry
   */
  async imagesAt(entry: string, base: string): Promise<string[]> {
    const parts = normalize(`${base}/${entry}`);
    for (let skip = 0; skip < parts.length; skip++) {
      const path = parts.slice(skip).join('/');
      for (const candidate of this.#endingWith(path)) {
        const found = await this.#imagesOf(candidate);
        if (found.length > 0) return found;
      }
    }
    return [];
  }

  /** A file or folder of that path, or whose path ends so: what was opened may have folders around the dataset. */
  #endingWith(path: string): string[] {
    const found = new Set<string>();
    for (const file of this.#files.keys()) {
      const at = `/${file}/`.indexOf(`/${path}/`);
      if (at >= 0) found.add(file.slice(0, at + path.length));
    }
    return [...found].sort((a, b) => a.length - b.length);
  }

  async #imagesOf(path: string): Promise<string[]> {
    if (!this.has(path)) return this.images.filter((image) => image.startsWith(`${path}/`));
    if (isBrowserImage(path)) return [path];
    if (!/\.txt$/i.test(path)) return [];
    const lines = (await this.text(path)).split('\n').map((line) => line.trim());
    const entries = lines.filter((line) => line !== '' && !line.startsWith('#'));
    return (await Promise.all(entries.map((line) => this.imagesAt(line, folderOf(path))))).flat();
  }
}

/** The folder of a path, '' for none. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}

/** The name of a file without folder and extension. */
export function stemOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.[^.]+$/, '');
}

/** Folders of a path, `.` and `..` resolved as far as they can be. */
function normalize(path: string): string[] {
  const parts: string[] = [];
  for (const part of path.split(/[\\/]/)) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts;
}

function byCodePoint(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

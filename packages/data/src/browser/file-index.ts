/** The files of a dataset by path, and how paths written in it are understood. */
import { composed, type FileTree, folderOf, isHidden, partsOf } from '../convert/tree.js';
import { DatasetError } from '../errors.js';
import { LIMITS, mebibytes } from '../limits.js';
import { byCodePoint, decodeText, entriesOf } from '../text.js';
import { isBrowserImage } from './decode-image.js';
import type { SourceFile } from './source-files.js';

export class FileIndex implements FileTree {
  /** By their composed paths. */
  readonly #files: ReadonlyMap<string, Blob>;
  /** Paths by their lower case: label files may be called `.TXT`. */
  readonly #spellings: ReadonlyMap<string, string>;
  readonly paths: readonly string[];
  /** Images in the order of their paths. */
  readonly images: readonly string[];

  constructor(files: readonly SourceFile[]) {
    const shown = files.filter(({ path }) => !isHidden(path));
    this.#files = new Map(shown.map(({ path, blob }) => [composed(path), blob]));
    this.paths = [...this.#files.keys()].sort(byCodePoint);
    this.#spellings = new Map(this.paths.map((path) => [path.toLowerCase(), path]));
    this.images = this.paths.filter(isBrowserImage);
  }

  has(path: string): boolean {
    return this.#files.has(path);
  }

  /** The spelling of a path among the opened files, ignoring case; undefined if there is no such file. */
  spelled(path: string): string | undefined {
    const own = composed(path);
    return this.has(own) ? own : this.#spellings.get(own.toLowerCase());
  }

  where(path: string): string {
    return path;
  }

  /** @throws DatasetError when there is no such file */
  blob(path: string): Blob {
    const blob = this.#files.get(path);
    if (!blob) throw new DatasetError(`${path}: no such file in what was opened`);
    return blob;
  }

  async text(path: string, limit: number): Promise<string> {
    const blob = this.blob(path);
    if (blob.size > limit)
      throw new DatasetError(`${path}: it has ${mebibytes(blob.size)}; at most ${mebibytes(limit)} are read`);
    return decodeText(new Uint8Array(await blob.arrayBuffer()));
  }

  /**
   * The images that an entry of a dataset YAML or list means: a folder, a list (`.txt`) or an image. Paths there are
   * those of the machine that wrote them, so leading folders are dropped until something of that name was opened.
   * @param base folder of the file that holds the entry
   */
  async imagesAt(entry: string, base: string): Promise<string[]> {
    const parts = partsOf(`${base}/${entry}`);
    for (let skip = 0; skip < parts.length; skip++) {
      const path = parts.slice(skip).join('/');
      for (const candidate of this.#endingWith(path)) {
        const found = await this.#imagesOf(candidate);
        if (found.length > 0) return found;
      }
    }
    return [];
  }

  /** Finds a file or folder with this path or this end of its path: the dataset may lie deeper in what was opened. */
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
    const entries = entriesOf(await this.text(path, LIMITS.listBytes));
    return (await Promise.all(entries.map((line) => this.imagesAt(line, folderOf(path))))).flat();
  }
}

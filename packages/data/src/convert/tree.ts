/** The files of a dataset: a folder on a disk, an unpacked zip, or what a visitor opened in a browser. */

export interface FileTree {
  /** Paths of all files with forward slashes, in order; hidden files are left out. */
  readonly paths: readonly string[];
  /** Paths of the images among the files. */
  readonly images: readonly string[];
  /** The text of a file of at most `limit` bytes. @throws DatasetError */
  text(path: string, limit: number): Promise<string>;
  /** How messages name a file. */
  where(path: string): string;
}

/** Whether an operating system added the file, such as `._a.jpg`, `.DS_Store` or anything in `__MACOSX`. */
export function isHidden(path: string): boolean {
  return path
    .split('/')
    .some((part) => (part.startsWith('.') && part !== '.' && part !== '..') || part === '__MACOSX');
}

/** The folder of a path, '' for none. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}

/** The last part of a path. */
export function fileOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Composes letters with accents: macOS decomposes them in file names, annotations don't. */
export const composed = (path: string) => path.normalize('NFC');

/** The name of a file without folder and extension, composed. */
export function stemOf(path: string): string {
  return composed(fileOf(path)).replace(/\.[^.]+$/, '');
}

/** A name without the eight digits that Label Studio puts before those of uploaded images: `3f8a1b2c-photo`. */
export const withoutTaskPrefix = (name: string) => name.replace(/^[\da-f]{8}-(?=.)/i, '');

const IMAGE_EXTENSION = /\.(avif|bmp|dng|gif|hei[cf]|jfif|jpe?g?|mpo|pfm|png|tiff?|webp)$/i;

/** A path without the extension of an image; one with another extension, or without any, stays as it is. */
export const withoutImageExtension = (path: string) => path.replace(IMAGE_EXTENSION, '');

/** Parts of a path, composed; backslashes separate too, `.` and `..` are resolved as far as they can be. */
export function partsOf(path: string): string[] {
  const parts: string[] = [];
  for (const part of composed(path).split(/[\\/]/)) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts;
}

const CONTAINERS =
  /^(annotations?|xmls?|labels?|jpegimages|images?|imgs?|img|pictures?|photos?|pngimages|obj_train_data)$/i;

/** Whether a folder's name only says that it holds images or annotations. */
export function isContainer(folder: string): boolean {
  return CONTAINERS.test(folder);
}

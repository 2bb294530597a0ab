/** Folders on a disk as trees of files. */
import { join, relative, resolve, sep } from 'node:path';
import type { FileTree } from '../convert/tree.js';
import { DatasetError } from '../errors.js';
import { byCodePoint } from '../text.js';
import { readTextBounded, reasonOf } from './files.js';
import { listFiles } from './find-images.js';
import { isImagePath } from './image-file.js';

/** A folder and the path that it has in the tree. */
export interface Mount {
  readonly at: string;
  readonly folder: string;
  /** Which of its files are taken, by path in the folder. Default all. */
  readonly accept?: (path: string) => boolean;
  /** How messages call the folder. Default its path. */
  readonly shownAs?: string;
}

/** A tree whose files are on a disk. */
export interface DiskTree extends FileTree {
  /** Where a file of the tree is. */
  fileOf(path: string): string;
}

/**
 * The files of folders.
 * @param except absolute path of a folder that is passed over
 * @throws DatasetError when a folder can't be listed
 */
export async function diskTree(mounts: readonly Mount[], except?: string): Promise<DiskTree> {
  const files = new Map<string, { file: string; shown: string }>();
  for (const { at, folder, accept = () => true, shownAs = folder } of mounts) {
    const listed = await listFiles(folder).catch((error: unknown) => {
      throw error instanceof DatasetError
        ? error
        : new DatasetError(`${folder}: can't be listed: ${reasonOf(error)}`);
    });
    for (const file of listed) {
      if (except !== undefined && resolve(file).startsWith(except + sep)) continue;
      const path = relative(folder, file).split(sep).join('/');
      if (accept(path)) files.set(at === '' ? path : `${at}/${path}`, { file, shown: join(shownAs, path) });
    }
  }
  const paths = [...files.keys()].sort(byCodePoint);
  const where = (path: string) => files.get(path)?.shown ?? path;
  const fileOf = (path: string) => files.get(path)?.file ?? path;
  return {
    paths,
    images: paths.filter(isImagePath),
    where,
    fileOf,
    text: (path, limit) =>
      readTextBounded(fileOf(path), limit).catch((error: unknown) => {
        throw new DatasetError(`${where(path)}: can't be read: ${reasonOf(error)}`);
      }),
  };
}

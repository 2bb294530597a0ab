/** Zip archives of datasets, unpacked to a folder of their own. */
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { removeUnfinished, temporaryName } from '@froyolo/common/node';
import { type Entry, openPromise } from 'yauzl';
import { isHidden } from '../convert/tree.js';
import { DatasetError } from '../errors.js';
import { LIMITS, mebibytes } from '../limits.js';
import { checkRegular, reasonOf } from './files.js';
import { isImagePath } from './image-file.js';

/** Prefix of the temporary folders. */
const NAME = 'froyolo-zip';

/** Whether a path is named like a zip archive. */
export const isZipPath = (path: string) => /\.zip$/i.test(path);

/**
 * Unpacks what a dataset may need (images, labels, annotations, lists) into a new temporary folder, calls `use` with it and
 * removes it, as well as folders that killed processes left. Refuses entries that lead out of the folder, and too many or
 * too large ones.
 * @throws DatasetError naming the archive
 */
export async function withUnzipped<T>(zip: string, use: (folder: string) => Promise<T>): Promise<T> {
  // Leaves those of other users alone.
  await removeUnfinished(tmpdir(), NAME).catch(() => undefined);
  const folder = temporaryName(join(tmpdir(), NAME));
  await mkdir(folder, { mode: 0o700 });
  try {
    await unzip(zip, folder);
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Unpacks what a dataset may need into an empty folder, as {@link withUnzipped} does.
 * @throws DatasetError naming the archive
 */
export async function unzip(zip: string, folder: string): Promise<void> {
  await unpack(zip, folder).catch((error: unknown) => {
    if (error instanceof DatasetError) throw error;
    throw new DatasetError(`${zip}: can't be read as a zip archive: ${reasonOf(error)}`);
  });
}

async function unpack(zip: string, folder: string): Promise<void> {
  await checkRegular(zip, Number.MAX_SAFE_INTEGER);
  const archive = await openPromise(zip);
  let total = 0;
  try {
    if (archive.entryCount > LIMITS.zipEntries)
      throw new DatasetError(
        `${zip}: ${archive.entryCount} entries; at most ${LIMITS.zipEntries} are unpacked`,
      );
    for await (const entry of archive.eachEntry()) {
      if (!isWanted(entry)) continue;
      total += entry.uncompressedSize;
      if (total > LIMITS.zipBytes || entry.uncompressedSize > LIMITS.imageBytes)
        throw new DatasetError(
          `${zip}: ${entry.fileName} makes it unpack to more than ${mebibytes(LIMITS.zipBytes)} (${mebibytes(LIMITS.imageBytes)} a file)`,
        );
      const path = join(folder, entry.fileName);
      await mkdir(dirname(path), { recursive: true });
      // The stream ends in an error when an entry holds more than it states.
      await pipeline(await archive.openReadStreamPromise(entry), createWriteStream(path));
    }
  } finally {
    archive.close();
  }
}

function isWanted({ fileName }: Entry): boolean {
  if (fileName.endsWith('/') || isHidden(fileName)) return false;
  return isImagePath(fileName) || /\.(txt|xml|json|ya?ml|names|labels)$/i.test(fileName);
}

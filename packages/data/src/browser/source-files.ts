/** Files that a visitor opened: a folder, dropped items or a zip archive. */
import { unzipSync } from 'fflate';
import { isHidden } from '../convert/tree.js';
import { DatasetError } from '../errors.js';
import { LIMITS, mebibytes } from '../limits.js';
import { isBrowserImage } from './decode-image.js';

/** A file with its path, forward slashes, relative to what was opened. */
export interface SourceFile {
  readonly path: string;
  readonly blob: Blob;
}

/** The files of an `<input type="file">`, with or without `webkitdirectory`. */
export function filesOfInput(list: Iterable<File>): SourceFile[] {
  return [...list].map((file) => ({ path: file.webkitRelativePath || file.name, blob: file }));
}

/** The files that were dropped, folders searched through. Call it in the event handler: the items are gone later. */
export async function filesOfDrop(items: Iterable<DataTransferItem>): Promise<SourceFile[]> {
  const entries = [...items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  return (await Promise.all(entries.map(filesOfEntry))).flat();
}

async function filesOfEntry(entry: FileSystemEntry): Promise<SourceFile[]> {
  if (isFile(entry)) {
    const blob = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    return [{ path: entry.fullPath.replace(/^\//, ''), blob }];
  }
  if (!isDirectory(entry)) return [];
  const reader = entry.createReader();
  const files: SourceFile[] = [];
  // A reader hands out a folder in pieces, the last of which is empty.
  for (;;) {
    const piece = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (piece.length === 0) return files;
    for (const found of piece) files.push(...(await filesOfEntry(found)));
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isDirectory = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

/**
 * Unpacks the images, labels and lists of a zip archive.
 * @throws DatasetError when it isn't one, is damaged, or would fill the memory
 */
export async function filesOfZip(archive: Blob, name: string): Promise<SourceFile[]> {
  const bounds = new ZipBounds(name);
  try {
    const entries = unzipSync(new Uint8Array(await archive.arrayBuffer()), {
      filter: (file) => isDatasetFile(file.name) && !isHidden(file.name) && bounds.add(file.originalSize),
    });
    // The copy is what makes the bytes a plain buffer of their own.
    return Object.entries(entries).map(([path, bytes]) => ({
      path: path.replaceAll('\\', '/'),
      blob: new Blob([bytes.slice()]),
    }));
  } catch (error) {
    if (error instanceof DatasetError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new DatasetError(`${name}: can't be read as a zip archive (${reason}); open the folder instead`);
  }
}

/** Counts what an archive unpacks to: everything stays in the tab's memory. */
class ZipBounds {
  readonly #name: string;
  #entries = 0;
  #bytes = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** @throws DatasetError beyond the limits */
  add(bytes: number): true {
    this.#entries += 1;
    this.#bytes += bytes;
    if (this.#bytes > LIMITS.zipBytes || this.#entries > LIMITS.zipEntries)
      throw new DatasetError(
        `${this.#name}: unpacks to more than ${mebibytes(LIMITS.zipBytes)} or ${LIMITS.zipEntries} files; unpack it and open the folder`,
      );
    return true;
  }
}

/** Whether a dataset may need a file of that name. */
function isDatasetFile(path: string): boolean {
  return isBrowserImage(path) || /\.(txt|xml|json|ya?ml|names|labels)$/i.test(path);
}

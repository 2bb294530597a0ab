/** Datasets that are fetched when they are missing: the zip archive that a dataset YAML names as `download`. */
import { existsSync } from 'node:fs';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { chunksOf, makeFolder, removeUnfinished, temporaryName, writeAtomic } from '@froyolo/common/node';
import { causeOf } from '@froyolo/errors';
import type { DatasetConfig } from '../dataset-yaml.js';
import { DatasetError } from '../errors.js';
import { KNOWN_DATASETS } from '../known-datasets.js';
import { LIMITS, mebibytes } from '../limits.js';
import { listSplit, loadDatasetConfig } from './dataset.js';
import { reasonOf } from './files.js';
import { unzip } from './unzip.js';

export interface FetchDatasetOptions {
  /** Replaces the global `fetch`, for a proxy or a test. */
  readonly fetch?: typeof fetch;
  /** Stops the download; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Bytes received so far, and in all where the server says how many. */
  onProgress?(address: string, received: number, total: number | undefined): void;
  /** Tells where something was written, in words. */
  onNote?(text: string): void;
}

/**
 * Fetches the images of a dataset if those to train or validate on are missing and its YAML's `download` is the address of
 * a zip archive; scripts are never run. The archive is unpacked to the folder that `path` names, and replaces no file. A
 * name that YOLOv5 knows (`coco128.yaml`) is written to that file first, unless it is there.
 * @throws DatasetError with the address and what to do
 */
export async function fetchDataset(file: string, options: FetchDatasetOptions = {}): Promise<void> {
  await writeKnown(file, options);
  if (!existsSync(file)) return;
  const config = await loadDatasetConfig(file);
  const address = config.download?.trim() ?? '';
  if (!/^https?:\/\/\S+\.zip$/i.test(address) || (await isThere(config, file))) return;
  const place = resolve(config.path ?? dirname(file));
  try {
    await fetchInto(place, address, config, options);
  } catch (error) {
    if (options.signal?.aborted) throw options.signal.reason;
    const { message } = error instanceof Error ? error : { message: String(error) };
    throw new DatasetError(
      `${file}: its images can't be fetched from ${address}: ${message}. To do without the download, unpack that archive to ${place}`,
      { cause: error },
    );
  }
  options.onNote?.(`The dataset is in ${place}`);
}

async function writeKnown(file: string, { onNote }: FetchDatasetOptions): Promise<void> {
  const name = basename(file);
  const text = Object.hasOwn(KNOWN_DATASETS, name) ? KNOWN_DATASETS[name] : undefined;
  if (text === undefined || existsSync(file) || !existsSync(dirname(file))) return;
  await writeAtomic(file, text);
  onNote?.(`${file} is written, as it is known by name`);
}

/** Whether the images to train and to validate on can be found. */
async function isThere(config: DatasetConfig, file: string): Promise<boolean> {
  const root = config.path ?? dirname(resolve(file));
  try {
    for (const split of ['train', 'val'] as const)
      if (config[split].length > 0) await listSplit(config, split, root, file);
    return true;
  } catch (error) {
    if (error instanceof DatasetError) return false;
    throw error;
  }
}

async function fetchInto(
  place: string,
  address: string,
  config: DatasetConfig,
  options: FetchDatasetOptions,
): Promise<void> {
  const parent = dirname(place);
  makeFolder(parent);
  await removeUnfinished(parent, NAME);
  const zip = temporaryName(join(parent, NAME));
  const folder = temporaryName(join(parent, NAME));
  try {
    await download(address, zip, options);
    makeFolder(folder);
    await unzip(zip, folder);
    await moveMissing(await rootIn(folder, place, config), place);
  } finally {
    await rm(zip, { force: true });
    await rm(folder, { recursive: true, force: true });
  }
}

/** Prefix of the temporary files, beside the dataset's folder. */
const NAME = 'froyolo-dataset';

async function download(
  address: string,
  path: string,
  { fetch: get = fetch, signal, onProgress }: FetchDatasetOptions,
): Promise<void> {
  const response = await get(address, { signal: signal ?? null }).catch((error: unknown) => {
    throw new Error(reasonOf(causeOf(error)));
  });
  if (!response.ok || !response.body) throw new Error(`the server answers ${response.status}`);
  const total = Number(response.headers.get('content-length')) || undefined;
  const file = await open(path, 'wx');
  let received = 0;
  try {
    for await (const chunk of chunksOf(response.body)) {
      received += chunk.byteLength;
      if (received > LIMITS.zipBytes) throw new Error(`it has more than ${mebibytes(LIMITS.zipBytes)}`);
      await file.writeFile(chunk);
      onProgress?.(address, received, total);
    }
  } finally {
    await file.close();
  }
}

/**
 * The folder of an archive that holds the dataset: that of the same name, as YOLOv5's have, the only one, or the archive's
 * own root; whichever the splits' entries are in.
 */
async function rootIn(folder: string, place: string, { train, val }: DatasetConfig): Promise<string> {
  const [only, ...others] = await readdir(folder);
  const single = only !== undefined && others.length === 0 ? [join(folder, only)] : [];
  const entries = [...train, ...val];
  const root = [join(folder, basename(place)), ...single, folder].find((from) =>
    entries.every((entry) => existsSync(resolve(from, entry))),
  );
  if (root === undefined) throw new Error(`the archive lacks ${entries.join(' or ')}`);
  return root;
}

/** Moves a folder to a place or, if there is one, what is missing there. */
async function moveMissing(from: string, to: string): Promise<void> {
  if (!existsSync(to)) return rename(from, to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await moveMissing(source, target);
    else if (!existsSync(target)) await rename(source, target);
  }
}

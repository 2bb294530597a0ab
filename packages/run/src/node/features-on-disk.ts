/** Features of a run in files, or in memory where the settings say so. */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { freemem } from 'node:os';
import { dirname, join } from 'node:path';
import type { Dataset, DatasetImage } from '@froyolo/data';
import { capacityFor } from '../feature-cache.js';
import { type FeatureStore, featureBytes, MemoryFeatureStore } from '../features/store.js';
import type { FeatureRequest } from '../host.js';
import { FeatureFiles } from './feature-files.js';
import { folderBytes, freeDisk, makeRoom } from './feature-folders.js';

const DEFAULT_LIMIT = 10e9;
/** Share of a nearly full disk that is taken: the rest is left to others. */
const SHARE_OF_FREE_DISK = 0.9;

export async function openFeatureFiles(request: FeatureRequest): Promise<FeatureStore> {
  const { key, dataset, elements, settings, onFeatures, onDamaged } = request;
  const { cacheIn, cacheLimit: limit, cacheDir } = settings;
  const images = dataset.images.length;
  const wanted = images * settings.cacheVariants;
  const entryBytes = featureBytes(elements);
  if (cacheIn === 'ram') {
    const capacity = capacityFor(limit ?? freemem() / 2, elements, wanted);
    onFeatures({ there: 0, wanted, capacity, entryBytes });
    return new MemoryFeatureStore(images, capacity);
  }
  const folder = cacheDir ?? join(besideImages(dataset), '.froyolo-features');
  const most = limit ?? DEFAULT_LIMIT;
  makeRoom(folder, key, most - Math.min(wanted * entryBytes, most));
  const own = join(folder, key);
  const room = SHARE_OF_FREE_DISK * freeDisk(folder) + folderBytes(own);
  const capacity = capacityFor(Math.min(most, room), elements, wanted);
  const store = new FeatureFiles(own, { images, elements, capacity, onDamaged });
  onFeatures({ folder: own, there: store.size, wanted, capacity, entryBytes });
  return store;
}

const besideImages = ({ images: [first] }: Dataset) => (first ? dirname(dirname(first.path)) : '.');

export function identifyImages({ images }: Dataset): Promise<string[]> {
  return Promise.all(images.map(identityOf));
}

async function identityOf({ path, width, height, labels, segments }: DatasetImage): Promise<string> {
  const { size, mtimeMs } = await stat(path);
  const hash = createHash('sha256').update(
    new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength),
  );
  if (segments) hash.update(JSON.stringify(segments));
  return [path, size, mtimeMs, width, height, hash.digest('base64')].join('|');
}

import { resolve } from 'node:path';
import { FolderStore } from './folder-store.js';
import { S3Store } from './s3-store.js';
import type { Store } from './store.js';

/**
 * Opens a store: a folder, which is made if it does not exist, or `s3://BUCKET/PREFIX`.
 * @throws StoreError, QueueError if it can't be used
 */
export function openStore(address: string): Promise<Store> {
  return address.startsWith('s3://') ? S3Store.open(address) : FolderStore.open(resolve(address));
}

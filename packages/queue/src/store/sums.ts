/** Checksums of files on their way into a store and out of it. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { streamAtomic } from '@froyolo/common/node';
import { StoreError } from '../errors.js';
import type { Blob } from '../protocol.js';
import type { Content, Store } from './store.js';

/** SHA-256 and size of a stream. */
export async function sumOf(stream: AsyncIterable<Uint8Array>): Promise<Blob> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of stream) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { sha256: hash.digest('hex'), bytes };
}

export const sumOfFile = (path: string) => sumOf(createReadStream(path));

/** Text or bytes as content. */
export function contentOf(data: string | Uint8Array): Content & { readonly sha256: string } {
  const bytes = Buffer.from(data);
  const open = () => Readable.from([bytes]);
  return { bytes: bytes.length, open, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/**
 * Lets a file of the store through to `sink`; nothing is read or written any more once this returns.
 * @param sink takes all of the stream, or fails
 * @throws StoreError if it isn't what its sum says
 */
export async function readVerified(
  store: Store,
  key: string,
  { sha256, bytes }: Blob,
  sink: (stream: Readable) => Promise<void>,
): Promise<void> {
  const hash = createHash('sha256');
  let length = 0;
  const check = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      hash.update(chunk);
      length += chunk.length;
      // Nothing larger than announced fills the disk.
      done(length > bytes ? damaged(store, key) : null, chunk);
    },
  });
  const source = await store.read(key);
  // Both are awaited even if one fails, so that nothing writes to a file that is removed afterwards.
  const [through, taken] = await Promise.allSettled([
    pipeline(source, check),
    sink(check).finally(() => check.destroy()),
  ]);
  for (const end of [taken, through]) if (end.status === 'rejected') throw end.reason;
  if (length !== bytes || hash.digest('hex') !== sha256) throw damaged(store, key);
}

/**
 * Copies a file of the store to a path, where it appears whole.
 * @throws StoreError if it isn't what its sum says
 */
export function fetchVerified(store: Store, key: string, blob: Blob, path: string): Promise<void> {
  return streamAtomic(path, (sink) => readVerified(store, key, blob, (stream) => pipeline(stream, sink)));
}

function damaged(store: Store, key: string): StoreError {
  return new StoreError(
    `${key} in the store ${store.shown} isn't what its sum says: it is damaged, or was changed; delete it, and start the study again to pack it anew`,
  );
}

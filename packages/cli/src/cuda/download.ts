/** Downloads large files: goes on where an interrupted download stopped, and checks the sum. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { chunksOf } from '@froyolo/common/node';
import { CommandError } from '../errors.js';
import { causeOf, type IndexFile, type PackageIndex } from './index-page.js';

export interface DownloadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes that are there, and all where the server says how many. */
  onProgress?(done: number, total: number | undefined): void;
}

/** Tries after which a connection that breaks again and again, without a byte between, is given up. */
const TRIES = 4;

/**
 * Downloads a file to `path`, under another name until it is whole and its SHA-256 is that of the index.
 * @throws CommandError with the address and what to do
 */
export async function downloadFile(
  file: IndexFile & { readonly sha256: string },
  path: string,
  index: PackageIndex,
  options: DownloadOptions = {},
): Promise<void> {
  const part = `${path}.part`;
  await mkdir(dirname(path), { recursive: true });
  let failures = 0;
  for (let before = await sizeOf(part); ; ) {
    const failure = await transfer(file, part, index, options).catch((error: unknown) => error);
    options.signal?.throwIfAborted();
    if (failure instanceof CommandError) throw failure;
    if (failure === undefined) break;
    const now = await sizeOf(part);
    failures = now > before ? 1 : failures + 1;
    before = now;
    if (failures >= TRIES)
      throw new CommandError(
        `${file.url} can't be downloaded (${causeOf(failure)}): run it again, it goes on where it stopped`,
        { cause: failure },
      );
  }
  const sha256 = (await hashOf(part)).digest('hex');
  if (sha256 !== file.sha256) {
    await rm(part, { force: true });
    throw new CommandError(
      `${file.url}: its SHA-256 is ${sha256}, the index says ${file.sha256}; it was removed: run it again, or name another index in PIP_INDEX_URL`,
    );
  }
  await rename(part, path);
}

const sizeOf = (path: string) =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

async function hashOf(path: string): Promise<Hash> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash;
}

/** Asks for what is missing; a server that sends all again is let. */
async function transfer(
  { url, bytes }: IndexFile,
  part: string,
  index: PackageIndex,
  { signal, onProgress }: DownloadOptions,
): Promise<void> {
  const there = await sizeOf(part);
  if (bytes !== undefined && there === bytes) return;
  // A byte too many is of another file.
  const from = bytes !== undefined && there > bytes ? 0 : there;
  const response = await index.fetch(url, {
    headers: from > 0 ? { Range: `bytes=${from}-` } : {},
    ...(signal ? { signal } : {}),
  });
  if (response.status === 416) return rm(part, { force: true }).then(() => Promise.reject(new Error('416')));
  if (!response.ok || !response.body)
    throw new CommandError(`${url} answers ${response.status} ${response.statusText}`.trimEnd());
  const goesOn = response.status === 206;
  const start = goesOn ? from : 0;
  const length = Number(response.headers.get('content-length') ?? Number.NaN);
  const total = bytes ?? (Number.isFinite(length) ? start + length : undefined);
  const file = await open(part, goesOn ? 'a' : 'w');
  try {
    let done = start;
    for await (const chunk of chunksOf(response.body)) {
      await file.write(chunk);
      done += chunk.length;
      if (total !== undefined && done > total) throw new CommandError(`${url}: longer than ${total} bytes`);
      onProgress?.(done, total);
    }
    if (total !== undefined && done < total) throw new Error(`it ended after ${done} of ${total} bytes`);
    await file.sync();
  } finally {
    await file.close();
  }
}

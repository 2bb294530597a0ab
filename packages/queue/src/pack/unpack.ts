/** Unpacks an untrusted archive into a folder. */
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isSystemError, reasonOf } from '@froyolo/errors';
import { extract, type Header } from 'tar-stream';
import { StoreError } from '../errors.js';

const LIMITS = { entries: 10_000_000, name: 400 } as const;

/**
 * Unpacks into a folder that is new. Only regular files are taken, none lands outside the folder, and nothing is written
 * twice; links, devices and the like are refused.
 * @throws StoreError naming the entry
 */
export async function unpack(archive: Readable, folder: string): Promise<void> {
  const entries = extract();
  let count = 0;
  let taken: Promise<void> = Promise.resolve();
  entries.on('entry', (header, content, next) => {
    const take = async () => {
      checkEntry(header, ++count);
      const path = join(folder, ...header.name.split('/'));
      await mkdir(dirname(path), { recursive: true });
      const file = await open(path, 'wx').catch((error: unknown) => {
        throw isSystemError(error) && error.code === 'EEXIST'
          ? refused(header.name, 'it comes twice')
          : error;
      });
      await pipeline(bytesOf(content), file.createWriteStream());
    };
    // What ends the archive ends its entry too, and is told by the archive.
    content.on('error', () => undefined);
    taken = take().then(
      () => next(),
      (error: unknown) => entries.destroy(asError(error)),
    );
  });
  // Nothing is written any more once this returns, also where the archive fails while an entry is taken.
  await pipeline(archive, entries)
    .catch((error: unknown) => {
      throw told(error);
    })
    .finally(() => taken);
}

/** Errors of the parser mean a damaged archive; errors of disk, store or entry explain themselves. */
function told(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== undefined && code !== 'ERR_STREAM_PREMATURE_CLOSE') return error;
  const reason = code === undefined ? reasonOf(error) : 'it ends in the middle';
  return new StoreError(`the archive is damaged: ${reason}`, { cause: error });
}

/** An entry that ended before anybody read it fails here; a pipeline from it would wait for ever. */
async function* bytesOf(content: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) if (chunk instanceof Uint8Array) yield chunk;
}

const asError = (error: unknown) => (error instanceof Error ? error : new Error(String(error)));

const refused = (name: string, why: string) =>
  new StoreError(`the archive holds ${JSON.stringify(name.slice(0, 100))}: ${why}`);

function checkEntry({ name, type }: Header, count: number): void {
  const refuse = (why: string) => refused(name, why);
  if (type !== 'file') throw refuse(`a ${type ?? 'thing without a kind'}, where files alone are taken`);
  if (!isInside(name)) throw refuse('a path that leaves the folder, or that some system refuses');
  if (count > LIMITS.entries) throw refuse(`more than ${LIMITS.entries} files`);
}

/** Relative, with slashes, and each part a plain name. */
function isInside(name: string): boolean {
  const parts = name.split('/');
  return name.length <= LIMITS.name && parts.every((part) => /^[\w-][\w.-]*$/.test(part));
}

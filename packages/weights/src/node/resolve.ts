import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { chunksOf, makeFolder, removeUnfinished, temporaryName } from '@froyolo/common/node';
import { must } from '@froyolo/errors';
import { CheckpointError } from '../errors.js';
import { cacheDir as defaultCacheDir } from './cache-dir.js';
import { isFile, reason } from './files.js';
import { RELEASE_URL, RELEASES, type Release } from './releases.js';

/** Bytes received so far, and in all. */
export interface DownloadProgress {
  readonly name: string;
  readonly received: number;
  readonly total: number;
}

export interface ResolveOptions {
  /** Folder for downloads; see `cacheDir` for the default. */
  readonly cacheDir?: string;
  /** Replaces the global `fetch`, for a proxy or a test. */
  readonly fetch?: typeof fetch;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Is told that the file in the cache is not the published one; in words. */
  readonly onWarning?: (text: string) => void;
  /** Stops a download; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Folder that the files are fetched from instead of the publisher's release. */
  readonly baseUrl?: string;
  /** The files known by name, with size and SHA-256; YOLOv5's release v7.0 unless given. */
  readonly releases?: Readonly<Record<string, Release>>;
}

/**
 * The path of a checkpoint: `nameOrPath` itself when it is a file, else the official checkpoint of that name
 * (`yolov5{n,s,m,l,x}.pt`) from the cache, downloaded into it first if need be. A download is checked against the
 * published size and SHA-256 and appears under its name only when complete; the file in the cache is checked each time. Throws a `CheckpointError` that says where to
 * put the file by hand.
 */
export async function resolveWeights(nameOrPath: string, options: ResolveOptions = {}): Promise<string> {
  const there = await stat(nameOrPath).catch(() => undefined);
  if (there?.isFile()) return nameOrPath;
  if (there) {
    const kind = there.isDirectory() ? 'a folder' : 'a pipe, a socket or a device';
    throw new CheckpointError(`It is ${kind}, not a file`, nameOrPath, "Pass a checkpoint's path.");
  }
  const releases = options.releases ?? RELEASES;
  // Only a bare name is a release's: "missing/yolov5n.pt" is a path that the user got wrong.
  const release = Object.hasOwn(releases, nameOrPath) ? releases[nameOrPath] : undefined;
  if (!release || basename(nameOrPath) !== nameOrPath) {
    throw new CheckpointError(
      'There is no such file',
      nameOrPath,
      `Pass a checkpoint's path, or one of ${Object.keys(releases).join(', ')} to download it.`,
    );
  }
  const path = join(options.cacheDir ?? defaultCacheDir(), nameOrPath);
  const found = await isFile(path);
  if (found && (await isPublished(path, release))) return path;
  if (found) options.onWarning?.(`${path} is not the published file, or damaged: it is downloaded again`);
  await download(nameOrPath, release, path, options);
  return path;
}

async function isPublished(path: string, { sha256 }: Release): Promise<boolean> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex') === sha256;
}

async function download(
  name: string,
  release: Release,
  path: string,
  options: ResolveOptions,
): Promise<void> {
  const url = `${options.baseUrl ?? RELEASE_URL}/${name}`;
  const fail = (what: string, cause?: unknown): CheckpointError =>
    new CheckpointError(
      what,
      url,
      `To do without the download, get ${name} on another machine and put it at ${path}, or pass its path.`,
      { cause },
    );
  const temporary = temporaryName(path);
  try {
    makeFolder(join(path, '..'));
    await removeUnfinished(join(path, '..'), name);
    const response = await request(url, options, fail);
    const sha256 = await save(response, temporary, release.bytes, options, fail, name);
    if (sha256 !== release.sha256) {
      throw fail(`The download's SHA-256 is ${sha256}, published is ${release.sha256}`);
    }
    await rename(temporary, path);
  } catch (cause) {
    if (options.signal?.aborted) throw options.signal.reason;
    throw cause instanceof CheckpointError
      ? cause
      : fail(`${name} can't be downloaded: ${reason(cause)}`, cause);
  } finally {
    await rm(temporary, { force: true });
  }
}

type Fail = (what: string, cause?: unknown) => CheckpointError;

async function request(url: string, options: ResolveOptions, fail: Fail): Promise<Response> {
  const response = await (options.fetch ?? fetch)(url, {
    signal: options.signal ?? null,
    redirect: 'follow',
  });
  if (response.ok && response.body) return response;
  await response.body?.cancel();
  throw fail(`The server answers ${response.status} ${response.statusText}`.trimEnd());
}

/** Streams the body to a new file and returns its SHA-256; stops at the first byte too many. */
async function save(
  response: Response,
  path: string,
  total: number,
  options: ResolveOptions,
  fail: Fail,
  name: string,
): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path, 'wx');
  let received = 0;
  try {
    for await (const chunk of chunksOf(must(response.body, 'the body of the answer'))) {
      received += chunk.byteLength;
      if (received > total) throw fail(`The download is longer than the published ${total} bytes`);
      hash.update(chunk);
      await file.writeFile(chunk);
      options.onProgress?.({ name, received, total });
    }
    await file.sync();
  } finally {
    await file.close();
  }
  if (received < total) throw fail(`The download ends after ${received} of ${total} bytes`);
  return hash.digest('hex');
}

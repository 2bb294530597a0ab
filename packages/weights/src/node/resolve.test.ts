import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CheckpointError } from '../errors.js';
import { cacheDir } from './cache-dir.js';
import { readCheckpointFile } from './files.js';
import { type DownloadProgress, resolveWeights } from './resolve.js';

let folder: string;
let server: Server | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'froyolo-weights-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  server?.closeAllConnections();
  await new Promise<unknown>((done) => (server ? server.close(done) : done(undefined)));
  server = undefined;
});

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener);
  await new Promise<void>((done) => server!.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v7.0`;
}

const content = new Uint8Array(300_000).map((_, i) => i % 251);
const release = { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
const releases = { 'yolov5n.pt': release };
const cached = () => join(folder, 'cache', 'yolov5n.pt');
const options = (baseUrl: string) => ({ cacheDir: join(folder, 'cache'), baseUrl, releases });

/** What a failing download says; its folder must be left empty. */
async function failure(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CheckpointError);
  expect(existsSync(join(folder, 'cache')) ? readdirSync(join(folder, 'cache')) : []).toEqual([]);
  const { message } = error as CheckpointError;
  expect(message).toContain(`put it at ${cached()}`);
  return message;
}

describe('resolveWeights', () => {
  test('an existing file is itself', async () => {
    const path = join(folder, 'mine.pt');
    writeFileSync(path, 'x');
    expect(await resolveWeights(path)).toBe(path);
  });

  test('downloads once, with progress, and then uses the cache', async () => {
    const urls: (string | undefined)[] = [];
    const baseUrl = await serve((request, response) => {
      urls.push(request.url);
      if (request.url === '/v7.0/yolov5n.pt') response.writeHead(302, { location: '/elsewhere' }).end();
      else response.end(content);
    });
    const progress: DownloadProgress[] = [];
    const onProgress = (step: DownloadProgress) => void progress.push(step);
    expect(await resolveWeights('yolov5n.pt', { ...options(baseUrl), onProgress })).toBe(cached());
    expect(new Uint8Array(readFileSync(cached()))).toEqual(content);
    expect(progress.length).toBeGreaterThan(1);
    expect(progress.at(-1)).toEqual({ name: 'yolov5n.pt', received: content.length, total: content.length });
    expect(readdirSync(join(folder, 'cache'))).toEqual(['yolov5n.pt']);

    expect(await resolveWeights('yolov5n.pt', options(baseUrl))).toBe(cached());
    expect(urls).toEqual(['/v7.0/yolov5n.pt', '/elsewhere']);
  });

  test('a file in the cache that is not the published one is downloaded again, which is said', async () => {
    const baseUrl = await serve((_request, response) => response.end(content));
    await resolveWeights('yolov5n.pt', options(baseUrl));
    const damaged = content.slice();
    damaged[1000] ^= 1;
    writeFileSync(cached(), damaged);
    const said: string[] = [];
    const onWarning = (text: string) => void said.push(text);
    await resolveWeights('yolov5n.pt', { ...options(baseUrl), onWarning });
    expect(new Uint8Array(readFileSync(cached()))).toEqual(content);
    expect(said).toEqual([expect.stringContaining(`${cached()} is not the published file`)]);
  });

  test.each([
    ['a missing file', undefined, /answers 404/],
    ['a short file', content.subarray(0, 1000), /ends after 1000 of 300000 bytes/],
    ['a long file', new Uint8Array(300_001), /longer than the published 300000 bytes/],
    ['other bytes', new Uint8Array(300_000), /SHA-256 is/],
  ])('%s leaves nothing behind and says where to put it', async (_, body, message) => {
    const baseUrl = await serve((_request, response) => {
      if (body) response.end(body);
      else response.writeHead(404).end('gone');
    });
    expect(await failure(resolveWeights('yolov5n.pt', options(baseUrl)))).toMatch(message);
  });

  test('a connection that breaks off', async () => {
    const baseUrl = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 1000), () => response.destroy());
    });
    expect(await failure(resolveWeights('yolov5n.pt', options(baseUrl)))).toMatch(/can't be downloaded/);
  });

  test('no server at all', async () => {
    const baseUrl = await serve(() => undefined);
    await new Promise((done) => server!.close(done));
    server = undefined;
    expect(await failure(resolveWeights('yolov5n.pt', options(baseUrl)))).toMatch(/ECONNREFUSED/);
  });

  test('a signal stops the download and leaves nothing behind', async () => {
    const baseUrl = await serve((_request, response) => {
      response.write(content.subarray(0, 1000));
    });
    const abort = new AbortController();
    const stopped = new Error('stopped');
    const onProgress = () => abort.abort(stopped);
    await expect(
      resolveWeights('yolov5n.pt', { ...options(baseUrl), onProgress, signal: abort.signal }),
    ).rejects.toBe(stopped);
    expect(readdirSync(join(folder, 'cache'))).toEqual([]);
  });

  test('a path that is wrong is not downloaded', async () => {
    for (const name of ['weights/yolov5n.pt', 'yolov9.pt', 'toString', '']) {
      await expect(resolveWeights(name, options('http://127.0.0.1:1'))).rejects.toThrow(
        /There is no such file/,
      );
    }
  });
});

test('the cache folder follows each platform', () => {
  expect(cacheDir({ FROYOLO_CACHE: '/c' }, 'linux', '/h')).toBe('/c');
  expect(cacheDir({ XDG_CACHE_HOME: join('/x') }, 'linux', '/h')).toBe(join('/x', 'froyolo'));
  expect(cacheDir({}, 'linux', '/h')).toBe(join('/h', '.cache', 'froyolo'));
  expect(cacheDir({}, 'darwin', '/h')).toBe(join('/h', 'Library', 'Caches', 'froyolo'));
  expect(cacheDir({}, 'win32', '/h')).toBe(join('/h', 'AppData', 'Local', 'froyolo'));
  expect(cacheDir({ LOCALAPPDATA: join('/l') }, 'win32', '/h')).toBe(join('/l', 'froyolo'));
});

describe('files', () => {
  test('a missing or wrong file is named', async () => {
    const path = join(folder, 'absent.pt');
    await expect(readCheckpointFile(path)).rejects.toThrow(
      /can't be read \(.*absent\.pt\).*no such file or folder/,
    );
    writeFileSync(path, 'hello');
    await expect(readCheckpointFile(path)).rejects.toThrow(/no PyTorch checkpoint.*absent\.pt/);
  });
});

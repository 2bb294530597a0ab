/** A server of one folder on this machine alone. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
};

/** With these a page may share memory between threads, which WebAssembly's threads need. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export interface Served {
  readonly url: string;
  close(): Promise<void>;
}

/** @param isolated whether the headers COOP and COEP are sent */
export async function serveFolder(folder: string, { isolated = true } = {}): Promise<Served> {
  const server = createServer(async (request, response) => {
    // Not relative to a base: a path of two slashes would name a host.
    const { pathname } = new URL(`http://localhost${request.url ?? '/'}`);
    const path = normalize(pathname.endsWith('/') ? `${pathname}index.html` : decodeURIComponent(pathname));
    try {
      const body = await readFile(join(folder, path));
      const type = TYPES[extname(path)] ?? 'application/octet-stream';
      response.writeHead(200, { 'Content-Type': type, ...(isolated ? ISOLATION : {}) }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

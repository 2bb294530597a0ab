/** A package index for tests, on this machine. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeIndex {
  /** What `PIP_INDEX_URL` names. */
  readonly url: string;
  /** Requests for files: path, and the range that was asked for. */
  readonly requests: readonly string[];
  /** Bytes after which the next answer with a file breaks off. */
  cutAfter: number | undefined;
  close(): Promise<void>;
}

export interface FakeFile {
  readonly project: string;
  readonly name: string;
  readonly bytes: Uint8Array;
  /** In the place of its real sum. */
  readonly sha256?: string;
}

export interface FakeIndexOptions {
  readonly html?: boolean;
  readonly ranges?: boolean;
  /** `user:password` that is asked for. */
  readonly secret?: string;
}

const sumOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

export async function fakeIndex(
  files: readonly FakeFile[],
  { html = false, ranges = true, secret }: FakeIndexOptions = {},
): Promise<FakeIndex> {
  const requests: string[] = [];
  const state: { cutAfter: number | undefined } = { cutAfter: undefined };

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const basic = `Basic ${Buffer.from(secret ?? '').toString('base64')}`;
    if (secret !== undefined && request.headers.authorization !== basic)
      return void response.writeHead(401).end();
    const [, kind, name = ''] = (request.url ?? '').split('/');
    const file = files.find((one) => one.name === name);
    if (kind === 'simple') sendPage(name, response);
    else if (!file) response.writeHead(404).end();
    else {
      requests.push(`${request.method} ${name} ${request.headers.range ?? 'all'}`);
      sendFile(file.bytes, request, response);
    }
  }

  function sendPage(project: string, response: ServerResponse): void {
    const own = files.filter((file) => file.project === project);
    if (own.length === 0) return void response.writeHead(404).end();
    if (html) {
      const links = own.map(
        ({ name, bytes, sha256 = sumOf(bytes) }) =>
          `<a href="../../files/${name}#sha256=${sha256}">${name}</a>`,
      );
      return void response.writeHead(200, { 'Content-Type': 'text/html' }).end(links.join('<br>\n'));
    }
    const listed = own.map(({ name, bytes, sha256 = sumOf(bytes) }) => ({
      filename: name,
      url: `../../files/${name}`,
      hashes: { sha256 },
      size: bytes.length,
    }));
    const type = 'application/vnd.pypi.simple.v1+json';
    response.writeHead(200, { 'Content-Type': type }).end(JSON.stringify({ files: listed }));
  }

  function sendFile(bytes: Uint8Array, request: IncomingMessage, response: ServerResponse): void {
    const from = ranges ? Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0) : 0;
    const part = bytes.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, { 'Content-Length': part.length });
    if (request.method === 'HEAD') return void response.end();
    const { cutAfter } = state;
    state.cutAfter = undefined;
    if (cutAfter === undefined) return void response.end(part);
    response.write(part.subarray(0, cutAfter), () => setImmediate(() => response.destroy()));
  }

  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${secret === undefined ? '' : `${secret}@`}127.0.0.1:${port}/simple/`,
    requests,
    get cutAfter() {
      return state.cutAfter;
    },
    set cutAfter(bytes) {
      state.cutAfter = bytes;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** Shows detections on a page served by this machine, instead of in a window. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { RgbImage } from '@froyolo/data';
import { encodeImage } from '@froyolo/data/node';
import { VIEW_PAGE } from './page.js';

const BOUNDARY = 'frame';
const HOST = '127.0.0.1';
const PAGE_HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'",
  'Cache-Control': 'no-store',
};

export class View {
  readonly #server: Server;
  readonly #watchers = new Set<ServerResponse>();
  #image: RgbImage | undefined;

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /** Opens the page on a free port, for this machine alone. */
  static async open(): Promise<View> {
    const view = new View();
    await new Promise<void>((resolve, reject) => {
      view.#server.once('error', reject).listen(0, HOST, resolve);
    });
    view.#server.unref();
    return view;
  }

  get address(): string {
    return `http://${this.#host}/`;
  }

  get #host(): string {
    const address = this.#server.address();
    return `${HOST}:${typeof address === 'object' && address ? address.port : 0}`;
  }

  /** Sends a picture to the viewers; a viewer that is still busy with the last one misses it. */
  async show(image: RgbImage): Promise<void> {
    this.#image = image;
    const ready = [...this.#watchers].filter((watcher) => !watcher.writableNeedDrain);
    if (ready.length === 0) return;
    const jpeg = await encodeImage(image, 'jpg');
    for (const watcher of ready) send(watcher, jpeg);
  }

  async close(): Promise<void> {
    for (const watcher of this.#watchers) watcher.end();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #answer({ url, headers }: IncomingMessage, response: ServerResponse): void {
    // A request by another host name comes from a page elsewhere, and is refused.
    if (headers.host !== this.#host) response.writeHead(403).end();
    else if (url === '/') response.writeHead(200, PAGE_HEADERS).end(VIEW_PAGE);
    else if (url === '/stream') void this.#watch(response);
    else response.writeHead(404).end();
  }

  async #watch(response: ServerResponse): Promise<void> {
    const type = `multipart/x-mixed-replace; boundary=${BOUNDARY}`;
    response.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'no-store' });
    response.on('close', () => this.#watchers.delete(response)).on('error', () => undefined);
    response.write(`--${BOUNDARY}\r\n`);
    if (this.#image) send(response, await encodeImage(this.#image, 'jpg'));
    this.#watchers.add(response);
  }
}

/** A browser shows a picture when it sees where the next begins: so the boundary comes at once. */
function send(response: ServerResponse, jpeg: Uint8Array): void {
  response.write(`Content-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`);
  response.write(jpeg);
  response.write(`\r\n--${BOUNDARY}\r\n`);
}

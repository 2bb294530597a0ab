/** As much of S3 as a store uses, in memory, for tests. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

export class FakeS3 {
  readonly objects = new Map<string, Buffer>();
  readonly #server: Server;
  readonly url: string;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(): Promise<FakeS3> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port is free');
    const s3 = new FakeS3(server, address.port);
    server.on('request', (request, response) => void s3.#answer(request, response));
    return s3;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    const [, bucket = '', ...parts] = decodeURIComponent(pathname).split('/');
    const key = parts.join('/');
    const there = this.objects.get(key);
    if (bucket !== 'bucket') response.writeHead(404).end();
    else if (request.method === 'PUT') {
      this.objects.set(key, body);
      response.writeHead(200, { etag: '"x"' }).end();
    } else if (request.method === 'POST') {
      for (const [, name = ''] of body.toString().matchAll(/<Key>(.*?)<\/Key>/g)) this.objects.delete(name);
      response.writeHead(200).end('<DeleteResult/>');
    } else if (key === '') response.writeHead(200).end(this.#list(searchParams.get('prefix') ?? ''));
    else if (!there) response.writeHead(404).end();
    else
      response
        .writeHead(200, { 'content-length': there.length })
        .end(request.method === 'HEAD' ? undefined : there);
  }

  #list(prefix: string): string {
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix));
    return `<ListBucketResult>${keys.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('')}</ListBucketResult>`;
  }
}

/** Bull Board's page over the queue. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { reasonOf } from '@froyolo/errors';
import { Queue } from 'bullmq';
import { parseQueueAddress } from '../address.js';
import { connect } from '../connect.js';
import { QueueError } from '../errors.js';
import { PREFIX, QUEUE } from '../protocol.js';

export interface Board {
  /** Where the page is. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves the page.
 * @param host address that it listens on; the page has no password and can delete runs
 * @throws QueueError if the queue can't be reached, the port can't be used, or Bull Board isn't installed
 */
export async function serveBoard(address: string, port: number, host = '127.0.0.1'): Promise<Board> {
  const { createBullBoard, BullMQAdapter, ExpressAdapter } = await loadBoard();
  const redis = await connect(parseQueueAddress(address));
  const queue = new Queue(QUEUE, { connection: redis, prefix: PREFIX });
  const adapter = new ExpressAdapter();
  createBullBoard({ queues: [new BullMQAdapter(queue)], serverAdapter: adapter });
  const server = createServer(adapter.getRouter());
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await queue.close();
    redis.disconnect();
  };
  try {
    await listen(server, port, host);
  } catch (cause) {
    await close();
    throw new QueueError(`port ${port} of ${host} can't be used: ${reasonOf(cause)}`, { cause });
  }
  return { url: urlOf(server.address()), close };
}

async function loadBoard() {
  try {
    const { createBullBoard } = await import('@bull-board/api');
    const { BullMQAdapter } = await import('@bull-board/api/bullMQAdapter');
    const { ExpressAdapter } = await import('@bull-board/express');
    return { createBullBoard, BullMQAdapter, ExpressAdapter };
  } catch (cause) {
    throw new QueueError('the board needs Bull Board: npm install @bull-board/api @bull-board/express', {
      cause,
    });
  }
}

function listen(server: ReturnType<typeof createServer>, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function urlOf(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') return String(address);
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}

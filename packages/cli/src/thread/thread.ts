/** The thread of a command: runs it, and sends what it writes to the main thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { runCli } from '../cli.js';
import type { OutputStream } from '../output/terminal.js';
import type { StreamKind, ThreadMessage, ThreadOrder } from './messages.js';

const order: ThreadOrder = workerData;
const { argv, ...streams } = order;
const controller = new AbortController();
const send = (message: ThreadMessage) => parentPort?.postMessage(message);
// Heard between native calls only.
parentPort?.on('message', () => controller.abort());

function remote(stream: 'stdout' | 'stderr', { isTTY, columns }: StreamKind): OutputStream {
  return {
    isTTY,
    ...(columns === undefined ? {} : { columns }),
    write: (text) => send({ kind: 'write', stream, text }),
  };
}

const status = await runCli(argv, {
  stdout: remote('stdout', streams.stdout),
  stderr: remote('stderr', streams.stderr),
  env: process.env,
  signal: controller.signal,
});
send({ kind: 'end', status });

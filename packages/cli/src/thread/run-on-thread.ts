/** A command on its own thread: the main thread stays free to hear signals during a long native call. */
import { SHARE_ENV, Worker } from 'node:worker_threads';
import { EXIT_FAILURE, reportError } from '../errors.js';
import { listenToSignals } from '../interrupt.js';
import { Terminal } from '../output/terminal.js';
import type { StreamKind, ThreadMessage, ThreadOrder } from './messages.js';

/** Runs a command line that saves what it has when it is asked to stop; returns the exit status. */
export async function runOnThread(
  argv: readonly string[],
  { stdout, stderr, env }: Pick<NodeJS.Process, 'stdout' | 'stderr' | 'env'>,
): Promise<number> {
  const order: ThreadOrder = { argv, stdout: kindOf(stdout), stderr: kindOf(stderr) };
  // What devices set in the environment must reach native libraries, which don't see a thread's copy of it.
  const worker = new Worker(new URL('./thread.js', import.meta.url), { workerData: order, env: SHARE_ENV });
  listenToSignals(
    () => worker.postMessage('stop'),
    (text) => stderr.write(`${text}\n`),
  );
  const terminal = new Terminal({ stdout, stderr, env });
  const status = await new Promise<number>((resolve) => {
    worker.on('message', (message: ThreadMessage) => {
      if (message.kind === 'end') resolve(message.status);
      else if (message.kind === 'write') ({ stdout, stderr })[message.stream].write(message.text);
    });
    worker.on('error', (error) => resolve(reportError(error, terminal, argv.includes('--debug'))));
    worker.on('exit', () => resolve(EXIT_FAILURE));
  });
  await worker.terminate();
  return status;
}

function kindOf({ isTTY, columns }: NodeJS.WriteStream): StreamKind {
  return { isTTY, columns };
}

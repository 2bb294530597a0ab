/** Ends the process when an input hangs: a loop that never gives way can't be timed from within. */
import { Worker } from 'node:worker_threads';

export interface Watchdog {
  /** The input of this number begins. */
  begin(number: number): void;
  stop(): Promise<void>;
}

const NUMBER = 0;

/** Waits on a thread of its own for the number to change. */
const SOURCE = `
const { workerData: { shared, name, milliseconds } } = require('node:worker_threads');
const numbers = new Int32Array(shared);
for (;;) {
  const number = Atomics.load(numbers, 0);
  if (number === -1) break;
  if (Atomics.wait(numbers, 0, number, milliseconds) !== 'timed-out') continue;
  require('node:fs').writeSync(2, name + ': input ' + number + ' hangs\\n');
  process.kill(process.pid, 'SIGKILL');
}`;

/**
 * @param name of the kind of input, for the message
 * @param seconds that an input may take
 */
export function startWatchdog(name: string, seconds: number): Watchdog {
  const shared = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const numbers = new Int32Array(shared);
  const milliseconds = seconds * 1000;
  const worker = new Worker(SOURCE, { eval: true, workerData: { shared, name, milliseconds } });
  const set = (number: number) => {
    Atomics.store(numbers, NUMBER, number);
    Atomics.notify(numbers, NUMBER);
  };
  return {
    begin: (number) => set(number + 1),
    async stop() {
      set(-1);
      await worker.terminate();
    },
  };
}

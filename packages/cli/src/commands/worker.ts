/** `froyolo worker`: does runs of studies that other machines sent to a queue. */
import { resolveSettings } from '@froyolo/run/settings';
import { loadQueue, placesOf } from '../api/queue.js';
import type { Given } from '../args/options.js';
import type { CommandContext } from '../context.js';
import { checkDevice } from '../device.js';
import { FLAGS } from '../flags.js';

export async function runWorkerCommand({ terminal }: CommandContext, given: Given<'worker'>): Promise<void> {
  const { queue, store, device, name, cacheDir, silence } = resolveSettings(FLAGS, 'worker', given);
  for (const one of device ?? []) checkDevice(one, 'a run');
  const { runWorker, parseQueueAddress } = await loadQueue();
  const places = placesOf({ queue, store });
  const options = {
    ...places,
    silence: 1000 * silence,
    ...(device ? { devices: device } : {}),
    ...(name === undefined ? {} : { name }),
    ...(cacheDir === undefined ? {} : { cache: cacheDir }),
  };
  const where = parseQueueAddress(places.queue).shown;
  await untilStopped(
    (signal) =>
      runWorker(options, signal, {
        onReady: (own) => terminal.note(`${own} waits for runs from ${where}`),
        onRun: (run, on) => terminal.print(`${run}: begins on ${on}`),
        onEnd: (run, how, reason) => terminal.print(`${run}: ${how}${reason ? `: ${reason}` : ''}`),
        onWarning: (text) => terminal.warn(text),
      }),
    () =>
      terminal.note(
        'Stopping: the current step finishes and the run goes back to the queue. A second signal quits at once.',
      ),
  );
}

/** The first signal stops cleanly; the second ends the process as it would without this. */
async function untilStopped(work: (signal: AbortSignal) => Promise<void>, onStop: () => void): Promise<void> {
  const controller = new AbortController();
  const stop = () => {
    for (const signal of SIGNALS) process.off(signal, stop);
    onStop();
    controller.abort();
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    await work(controller.signal);
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

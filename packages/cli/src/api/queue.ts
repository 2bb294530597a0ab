/** Runs that workers do: with the setting `queue`. */
import type { QueueLauncher } from '@froyolo/queue';
import { SettingsError } from '@froyolo/run/settings';
import type { ArmLauncher } from '@froyolo/study';
import { CommandError } from '../errors.js';

export interface QueueSettings {
  /** Its address; `true` for what `FROYOLO_QUEUE` says. */
  readonly queue?: string | true | undefined;
  readonly store?: string | undefined;
}

/** How the runs of a study are done; empty without a queue: here, one after the other. */
export interface Launching {
  readonly launch?: ArmLauncher;
  readonly atOnce?: number;
}

/**
 * Does the runs of a study in a folder, by workers where a queue is named.
 * @param work returns, with others, whether all runs are finished
 */
export async function inQueue<T extends { readonly status: 'finished' | 'stopped' }>(
  settings: QueueSettings,
  folder: string,
  work: (launching: Launching) => Promise<T>,
): Promise<T> {
  if (settings.queue === undefined) return work({});
  return withLauncher(settings, async (launcher) => {
    const result = await work({ launch: launcher.launch, atOnce: Number.POSITIVE_INFINITY });
    if (result.status === 'finished') await launcher.finish(folder);
    return result;
  });
}

/** Opens a queue for some work. */
export async function withLauncher<T>(
  { queue, store }: QueueSettings,
  work: (launcher: QueueLauncher) => Promise<T>,
): Promise<T> {
  const { openLauncher } = await loadQueue();
  const launcher = await openLauncher(placesOf({ queue: queue === true ? undefined : queue, store }));
  try {
    return await work(launcher);
  } finally {
    await launcher.close();
  }
}

/** @throws SettingsError for several devices with a queue, whose workers have devices of their own */
export function checkPlace({ queue }: QueueSettings, device: string | undefined): void {
  if (queue !== undefined && device?.includes(','))
    throw new SettingsError(
      'device',
      `"${device}": with a queue the workers say which GPUs they use (froyolo worker --device cuda:0 cuda:1)`,
    );
}

/** The given value, or else the environment's: this keeps passwords out of process lists. */
export function placesOf({ queue, store }: { queue?: string | undefined; store?: string | undefined }) {
  return {
    queue: queueOf(queue),
    store: given('store', store, 'FROYOLO_STORE', 'a folder that all machines see, or s3://BUCKET/PREFIX'),
  };
}

export const queueOf = (queue: string | undefined): string =>
  given('queue', queue, 'FROYOLO_QUEUE', 'an address such as redis://HOST:6379');

function given(setting: string, value: string | undefined, variable: string, what: string): string {
  const found = value ?? process.env[variable];
  if (found) return found;
  throw new SettingsError(setting, `it is missing: give ${what}, here or in ${variable}`);
}

/** BullMQ and the Redis client are optional: only users of a queue install them. */
export async function loadQueue(): Promise<typeof import('@froyolo/queue')> {
  try {
    return await import('@froyolo/queue');
  } catch (cause) {
    throw new CommandError('a queue needs one more package: npm install @froyolo/queue', { cause });
  }
}

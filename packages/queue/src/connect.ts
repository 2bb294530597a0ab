/** Connections to Redis. */
import { reasonOf } from '@froyolo/errors';
import { Redis } from 'ioredis';
import type { QueueAddress } from './address.js';
import { QueueError } from './errors.js';

/** Redis may be starting at the same time. */
const FIRST_TRIES = 10;
const FIRST_DELAY_MS = 300;
const LONGEST_DELAY_MS = 2000;

/**
 * Connects, and afterwards connects again whenever the connection breaks; commands wait until then.
 * @throws QueueError if nothing answers within some seconds, or the password is wrong
 */
export async function connect({ url, shown }: QueueAddress): Promise<Redis> {
  let isOpen = false;
  let reason: unknown;
  const redis = new Redis(url, {
    // As BullMQ needs it.
    maxRetriesPerRequest: null,
    lazyConnect: true,
    retryStrategy: (times) => {
      if (isOpen) return Math.min(100 * times, LONGEST_DELAY_MS);
      return times < FIRST_TRIES && !isRefused(reason) ? FIRST_DELAY_MS : null;
    },
  });
  redis.on('error', (error: unknown) => {
    reason = error;
  });
  try {
    await ready(redis);
  } catch (error) {
    redis.disconnect();
    throw new QueueError(`${shown} can't be used: ${wordsFor(reason ?? error)}`, { cause: reason ?? error });
  }
  isOpen = true;
  return redis;
}

/** `connect` alone would give up after its first try. */
function ready(redis: Redis): Promise<void> {
  return new Promise((resolve, reject) => {
    redis.once('ready', resolve);
    redis.once('end', () => reject(new Error('the connection was closed')));
    redis.connect().catch(() => undefined);
  });
}

const isRefused = (reason: unknown) =>
  reason instanceof Error && /NOAUTH|WRONGPASS|NOPERM|without any password/.test(reason.message);

function wordsFor(reason: unknown): string {
  const text = reasonOf(reason);
  if (isRefused(reason))
    return `it refuses the user or the password (${text}); the address may hold them: redis://USER:PASSWORD@HOST:6379`;
  return `${text}; is a Redis running there? docs/scale.md says how to start one`;
}

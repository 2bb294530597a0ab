/** Checks the addresses of queues and stores, and shows them without secrets. */
import { QueueError } from './errors.js';

export interface QueueAddress {
  /** With the password, if there is one: not to be shown. */
  readonly url: string;
  readonly shown: string;
}

/**
 * `redis://host:6379`, `rediss://…` for TLS; user, password and number of the database as usual:
 * `rediss://user:password@host:6380/1`.
 * @throws QueueError, without the password, for anything else
 */
export function parseQueueAddress(text: string): QueueAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^rediss?:$/.test(url.protocol) || url.hostname === '')
    throw new QueueError(
      `the address of a queue must be redis://HOST:6379 or, with TLS, rediss://HOST:6379${url ? `, not ${shownAddress(url)}` : ''}`,
    );
  return { url: text, shown: shownAddress(url) };
}

/** Without the password. */
function shownAddress(url: URL): string {
  const user = url.password === '' ? url.username : `${url.username}:***`;
  return `${url.protocol}//${user === '' ? '' : `${user}@`}${url.host}${url.pathname.replace(/^\/$/, '')}`;
}

import { FroyoloError } from '@froyolo/errors';

/** Something is wrong with the queue, its workers or their messages. */
export class QueueError extends FroyoloError {
  override name = 'QueueError';
  override readonly code: string = 'ERR_QUEUE';
}

/** Something is wrong with a store or its contents. */
export class StoreError extends QueueError {
  override name = 'StoreError';
  override readonly code = 'ERR_STORE';
}

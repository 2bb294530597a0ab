import { FroyoloError } from '@froyolo/errors';

/** Something is wrong with the queue, its workers or what they exchange. */
export class QueueError extends FroyoloError {
  override name = 'QueueError';
  override readonly code: string = 'ERR_QUEUE';
}

/** Something is wrong with a store, or with what lies in it. */
export class StoreError extends QueueError {
  override name = 'StoreError';
  override readonly code = 'ERR_STORE';
}

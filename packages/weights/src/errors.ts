import { FroyoloError } from '@froyolo/errors';

/**
 * A checkpoint can't be read or written. The message says what is wrong, where in the file, and what to do;
 * `what`, `where` and `advice` are its three parts.
 */
export class CheckpointError extends FroyoloError {
  override name = 'CheckpointError';
  override readonly code = 'ERR_CHECKPOINT';
  declare readonly where: string;
  declare readonly advice: string;

  constructor(what: string, where: string, advice: string, options?: ErrorOptions) {
    super(`${what} (${where}). ${advice}`, { what, where, advice, ...options });
  }
}

/** Advice for a file whose bytes contradict themselves. */
export const DAMAGED = 'The file is damaged or incomplete: download or export it again.';

/** Advice for a file that claims more than a checkpoint of a detector can need. */
export const SUSPICIOUS = 'The file is damaged or was made to do harm: do not use it.';

import { FroyoloError } from '@froyolo/errors';

/** A detector can't be written as asked; the message says why and what to do. */
export class ExportError extends FroyoloError {
  override name = 'ExportError';
  override readonly code = 'ERR_EXPORT';
}

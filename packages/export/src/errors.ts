/** A detector can't be written as asked; the message says why and what to do. */
export class ExportError extends Error {
  override name = 'ExportError';
}

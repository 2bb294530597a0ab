/** What an error says besides its message, as far as it is known. */
export interface FroyoloErrorDetails {
  /** What is wrong; by default the message. */
  readonly what?: string;
  /** A file with its line, a setting, a node of a graph. */
  readonly where?: string;
  /** What to do about it. */
  readonly advice?: string;
  readonly cause?: unknown;
}

const BRAND = Symbol.for('froyolo.error');

/**
 * Base of every error that a package throws on purpose: bad input, a missing file, a device that fails. Anything else
 * that is thrown is a defect.
 */
export class FroyoloError extends Error {
  override name = 'FroyoloError';
  /** Names the kind of error; it stays the same when messages change. */
  readonly code: string = 'ERR_FROYOLO';
  readonly what: string;
  readonly where: string | undefined;
  readonly advice: string | undefined;
  readonly [BRAND] = true;

  constructor(message: string, { what = message, where, advice, cause }: FroyoloErrorDetails = {}) {
    super(message, cause === undefined ? {} : { cause });
    this.what = what;
    this.where = where;
    this.advice = advice;
  }
}

/** Whether an error is one of ours, even from another copy of this package (ESM and CJS loaded together). */
export function isFroyoloError(error: unknown): error is FroyoloError {
  return error instanceof Error && BRAND in error;
}

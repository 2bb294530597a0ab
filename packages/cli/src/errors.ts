/** Error messages, and the exit status that goes with each. */
import { describeSystemError, FroyoloError, isFroyoloError, isSystemError } from '@froyolo/errors';
import type { Terminal } from './output/terminal.js';

export const EXIT_FAILURE = 1;
export const EXIT_USAGE = 2;
/** 128 + SIGINT, as shells report a process that Ctrl-C ended. */
const EXIT_INTERRUPTED = 130;

/** An invalid command line. */
export class UsageError extends FroyoloError {
  override name = 'UsageError';
  override readonly code = 'ERR_USAGE';
}

/** What commands say that need a dataset. */
export const NO_DATA =
  '--data is missing: give a dataset YAML ("froyolo data convert" makes one from Pascal VOC or COCO)';

/** Something that the command needs is missing or can't be used. */
export class CommandError extends FroyoloError {
  override name = 'CommandError';
  override readonly code = 'ERR_COMMAND';
}

/** A run that Ctrl-C ended; `message` says what was saved and how to continue. */
export class InterruptedError extends FroyoloError {
  override name = 'InterruptedError';
  override readonly code = 'ERR_INTERRUPTED';
}

/** Tells an error in one message, with the stack only under `--debug`; returns the exit status. */
export function reportError(error: unknown, terminal: Terminal, debug: boolean): number {
  if (error instanceof InterruptedError) {
    terminal.note(error.message);
    return EXIT_INTERRUPTED;
  }
  terminal.error(messageOf(error));
  if (debug) terminal.note(stackOf(error));
  else if (!isExpected(error))
    terminal.note('This is a bug in froyolo; --debug shows where it happened. Please report it.');
  return isUsage(error) ? EXIT_USAGE : EXIT_FAILURE;
}

const isExpected = (error: unknown) => isFroyoloError(error) || isSystemError(error);

const isUsage = (error: unknown) => isFroyoloError(error) && error.code === 'ERR_USAGE';

/** One message for the user; errors of the operating system are put into words. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (isSystemError(error)) return describeSystemError(error);
  return error.message || error.name;
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by: ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}

/** Which errors a user is to expect, how they are told, and the exit status that goes with them. */
import { GraphError } from '@froyolo/core';
import { DeviceError, DeviceFailedError } from '@froyolo/core/devices';
import { DataError } from '@froyolo/data';
import { FreezeError } from '@froyolo/freeze';
import { ModelYamlError } from '@froyolo/model-yaml';
import { CheckpointError } from '@froyolo/weights';
import { DetectorError, TrainingError } from '@froyolo/yolo';
import type { Terminal } from './output/terminal.js';

export const EXIT_FAILURE = 1;
export const EXIT_USAGE = 2;
/** 128 + SIGINT, as shells report a process that Ctrl-C ended. */
export const EXIT_INTERRUPTED = 130;

/** A command line that can't be meant as written. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** Something that the command needs isn't there or can't be used. */
export class CommandError extends Error {
  override name = 'CommandError';
}

/** A run that Ctrl-C ended; what it had is saved where that makes sense, and `message` says how to go on. */
export class InterruptedError extends Error {
  override name = 'InterruptedError';
}

const EXPECTED = [
  UsageError,
  CommandError,
  CheckpointError,
  DataError,
  DetectorError,
  DeviceError,
  DeviceFailedError,
  FreezeError,
  GraphError,
  ModelYamlError,
  TrainingError,
];

/** Tells an error in one message, with the stack only under `--debug`; returns the exit status. */
export function reportError(error: unknown, terminal: Terminal, debug: boolean): number {
  if (error instanceof InterruptedError) {
    terminal.note(error.message);
    return EXIT_INTERRUPTED;
  }
  terminal.error(messageOf(error));
  if (debug) terminal.note(stackOf(error));
  else if (!isExpected(error)) terminal.note('This was not foreseen; --debug shows where it happened.');
  return error instanceof UsageError ? EXIT_USAGE : EXIT_FAILURE;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || error.name;
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by: ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}

/** Typed errors of the packages, and what the operating system refuses (no space, no permission). */
function isExpected(error: unknown): boolean {
  if (EXPECTED.some((kind) => error instanceof kind)) return true;
  return error instanceof Error && 'code' in error && 'syscall' in error;
}

import { Socket } from 'node:net';
import type { Readable } from 'node:stream';

/**
 * Ends this process when the one that started it is gone, which closes the pipe of its input: a killed program leaves no
 * child that goes on computing.
 */
export function endWithParent(
  input: Readable = process.stdin,
  end: () => void = () => process.exit(1),
): void {
  // An input that is a file ends at once.
  if (!(input instanceof Socket)) return;
  input.once('end', end).resume();
  // It doesn't keep the process alive by itself.
  input.unref();
}

/** Prints what a feature cache holds when it is opened. */
import type { FeaturesEvent } from '@froyolo/run/node';
import { shortPath } from '../paths.js';
import { formatBytes } from './format.js';
import type { Terminal } from './terminal.js';

export function printFeatures(event: FeaturesEvent, terminal: Terminal): void {
  const { folder, there, wanted, capacity, entryBytes } = event;
  const where = folder ? shortPath(folder) : 'memory';
  terminal.note(
    `Features are cached in ${where}: ${there} of ${wanted} variants are there, ` +
      `${formatBytes(entryBytes)} each, ${formatBytes(wanted * entryBytes)} in all`,
  );
  if (capacity < wanted)
    terminal.warn(
      `only ${capacity} of ${wanted} variants fit; the others go through the frozen layers in every epoch: ` +
        'raise --cache-limit, make room on the disk, or lower --cache-variants',
    );
}

/** Warnings of a dataset: the first ones in full, the rest counted. */
import type { Terminal } from './terminal.js';

export const MAX_WARNINGS = 10;

/** Prints up to `MAX_WARNINGS` warnings and how many more there are. */
export function printWarnings(terminal: Terminal, warnings: readonly string[]): void {
  for (const warning of warnings.slice(0, MAX_WARNINGS)) terminal.warn(warning);
  const more = warnings.length - MAX_WARNINGS;
  if (more > 0) terminal.warn(`${more} more like these`);
}

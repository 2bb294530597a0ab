import type { Terminal } from './output/terminal.js';

/** What a command works with besides its flags. */
export interface CommandContext {
  readonly terminal: Terminal;
  /** Aborted by the first Ctrl-C, of a command that saves what it has. */
  readonly signal: AbortSignal;
}

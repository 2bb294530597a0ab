import type { Terminal } from './output/terminal.js';

/** What a command works with besides its flags. */
export interface CommandContext {
  readonly terminal: Terminal;
  /** Aborted by the first Ctrl-C, for commands that save their state. */
  readonly signal: AbortSignal;
}

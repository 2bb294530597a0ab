/** Runs a command line and gives its exit status. */
import { CommanderError } from 'commander';
import { EXIT_USAGE, InterruptedError, reportError } from './errors.js';
import { Terminal, type TerminalOptions } from './output/terminal.js';
import { runProgram } from './program.js';

export interface CliOptions extends TerminalOptions {
  /** Aborted when the command must stop and save. */
  readonly signal?: AbortSignal;
}

/** Runs a command line (without the program's name) and returns the exit status. */
export async function runCli(argv: readonly string[], options: CliOptions): Promise<number> {
  const terminal = new Terminal(options);
  const signal = options.signal ?? new AbortController().signal;
  try {
    await runProgram({ terminal, signal }, argv);
    return 0;
  } catch (error) {
    terminal.live('');
    // Commander has said it already; help and version that were asked for have status 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    // An aborted download rejects with the signal's reason.
    const told = error === signal.reason ? new InterruptedError('Stopped.') : error;
    return reportError(told, terminal, argv.includes('--debug'));
  }
}

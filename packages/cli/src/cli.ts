/** From a command line to an exit status. */
import { CommanderError } from 'commander';
import { EXIT_USAGE, InterruptedError, reportError } from './errors.js';
import { listenToInterrupts } from './interrupt.js';
import { Terminal, type TerminalOptions } from './output/terminal.js';
import { runProgram } from './program.js';

/** Runs a command line (without the program's name) and returns the exit status. */
export async function runCli(argv: readonly string[], options: TerminalOptions): Promise<number> {
  const terminal = new Terminal(options);
  const { signal, dispose } = listenToInterrupts(terminal, (status) => process.exit(status));
  try {
    await runProgram({ terminal, signal }, argv);
    return 0;
  } catch (error) {
    terminal.live('');
    // Commander has said it already; help and version that were asked for have status 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    // What an aborted download rejects with.
    const told = error === signal.reason ? new InterruptedError('Stopped.') : error;
    return reportError(told, terminal, argv.includes('--debug'));
  } finally {
    dispose();
  }
}

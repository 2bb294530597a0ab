/** Ctrl-C: the first asks the command to stop cleanly, the second ends the process. */
import { EXIT_INTERRUPTED } from './errors.js';
import type { Terminal } from './output/terminal.js';

export interface Interrupts {
  readonly signal: AbortSignal;
  /** Stops listening. */
  dispose(): void;
}

/** Listens to SIGINT and SIGTERM; `exit` ends the process at once. */
export function listenToInterrupts(terminal: Terminal, exit: (status: number) => void): Interrupts {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) exit(EXIT_INTERRUPTED);
    controller.abort();
    terminal.note('Stopping: this step ends and what there is gets saved. Ctrl-C again quits at once.');
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    dispose() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}

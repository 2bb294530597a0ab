/** Signals: what they mean for a command. */
import { setTimeout as wait } from 'node:timers/promises';

export const STOPPING = 'Stopping: this step ends and what there is gets saved. Ctrl-C again quits at once.';
export const TOO_SLOW = 'The step that runs takes too long: quitting. What was saved before stays.';

/** A command that was asked to stop ends within this time, one way or the other. */
const GRACE_MS = 1500;

/**
 * Listens to SIGINT and SIGTERM. The first asks for a stop; the second, or a stop that takes too long, ends the process as
 * the signal does by default, which works in the middle of a native call on another thread.
 */
export function listenToSignals(stop: () => void, say: (text: string) => void): void {
  let isStopping = false;
  const onSignal = async (signal: NodeJS.Signals) => {
    if (isStopping) return endBy(signal);
    isStopping = true;
    say(STOPPING);
    stop();
    await wait(GRACE_MS, undefined, { ref: false });
    say(TOO_SLOW);
    endBy(signal);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
}

function endBy(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

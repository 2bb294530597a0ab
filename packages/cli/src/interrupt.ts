/** Signals: what they mean for a command. */

const STOPPING = 'Stopping: this step ends and what there is gets saved. Ctrl-C again quits at once.';
const TOO_SLOW = 'The step that runs takes too long: quitting. What was saved before stays.';

/** A command that was asked to stop, and is silent, ends within this time. */
const GRACE_MS = 1500;
/** A command that says something has left its step and is saving: it gets this time from then on. */
const SAVING_MS = 5000;

/**
 * Listens to SIGINT and SIGTERM. The first asks for a stop; the second, or a stop that takes too long, ends the process as
 * the signal does by default, which works in the middle of a native call on another thread.
 * @returns is to be called at each sign of life of the command
 */
export function listenToSignals(stop: () => void, say: (text: string) => void): () => void {
  let deadline: NodeJS.Timeout | undefined;
  let quit = () => {};
  const quitIn = (ms: number) => {
    clearTimeout(deadline);
    deadline = setTimeout(quit, ms).unref();
  };
  const onSignal = (signal: NodeJS.Signals) => {
    if (deadline) return endBy(signal);
    quit = () => {
      say(TOO_SLOW);
      endBy(signal);
    };
    say(STOPPING);
    stop();
    quitIn(GRACE_MS);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return () => {
    if (deadline) quitIn(SAVING_MS);
  };
}

function endBy(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

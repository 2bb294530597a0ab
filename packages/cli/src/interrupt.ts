/** Signals: what they mean for a command. */

const STOPPING = 'Stopping: this step finishes, then everything is saved. Ctrl-C again quits at once.';
const TOO_SLOW = 'Stopping takes too long: quitting. Files saved earlier are intact.';

/** A command ends within two seconds of a signal; the rest is for the system, which frees gigabytes. */
const LIMIT_MS = 1200;

/**
 * Listens to SIGINT and SIGTERM. The first asks for a stop; the second, or a stop that takes too long, ends the process as
 * the signal does by default, which works in the middle of a native call on another thread. Files are written under another
 * name and renamed, so a process that ends while it saves leaves the old ones whole.
 */
export function listenToSignals(stop: () => void, say: (text: string) => void): void {
  let isStopping = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (isStopping) return endBy(signal);
    isStopping = true;
    say(STOPPING);
    stop();
    setTimeout(() => {
      say(TOO_SLOW);
      endBy(signal);
    }, LIMIT_MS).unref();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
}

function endBy(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

/** Starts the process of a run and listens to it. */
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { StudyError } from './errors.js';
import type { ArmEvents, ArmLauncher, ArmOrder } from './launcher.js';
import type { ArmReply, ArmRequest } from './messages.js';

/** Characters of stderr that go into the error when a process ends without a reply. */
const KEPT_OUTPUT = 2000;

/** A stopped run must end within this time, before a stopped program does; a step that takes longer is abandoned. */
const GRACE_MS = 1000;

/**
 * Does a run in its own process.
 * @throws StudyError with what the process said, or how it ended
 */
export const launchInProcess: ArmLauncher = processLauncher(GRACE_MS);

/**
 * The same with another time, in milliseconds, for a stopped run to finish its step and save.
 * @throws StudyError, when it runs, with what the process said, or how it ended
 */
export function processLauncher(graceMs: number): ArmLauncher {
  return (order, signal, events) => launch(order, signal, events, graceMs);
}

function launch(
  order: ArmOrder,
  signal: AbortSignal,
  events: ArmEvents,
  graceMs: number,
): Promise<'finished' | 'stopped'> {
  const child = fork(armProcess(), [], {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const request = (message: ArmRequest) => void child.send(message, () => undefined);
  const stop = () => {
    request({ kind: 'stop' });
    setTimeout(() => child.kill('SIGKILL'), graceMs).unref();
  };
  signal.addEventListener('abort', stop);
  request({ kind: 'start', order });
  if (signal.aborted) stop();
  return listen(child, order, signal, events).finally(() => signal.removeEventListener('abort', stop));
}

/** The built file, beside the built package or in it when the sources run. */
function armProcess(): string {
  const places = ['./arm-process.js', '../dist/arm-process.js'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  const found = places.find((path) => existsSync(path));
  if (!found) throw new StudyError('the process of a run is not built: build the package first');
  return found;
}

function listen(
  child: ChildProcess,
  { name }: ArmOrder,
  stopping: AbortSignal,
  events: ArmEvents,
): Promise<'finished' | 'stopped'> {
  return new Promise((resolve, reject) => {
    let output = '';
    let last: ArmReply | undefined;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-KEPT_OUTPUT);
    });
    child.on('message', (reply: ArmReply) => {
      last = reply;
      tell(reply, events);
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (last?.kind === 'end') return resolve(last.status);
      // Ctrl-C reaches a process that is still starting before it can listen.
      if (stopping.aborted && last?.kind !== 'error') return resolve('stopped');
      reject(failure(name, last, output, signal ? `signal ${signal}` : `status ${code}`));
    });
  });
}

function tell(reply: ArmReply, events: ArmEvents): void {
  if (reply.kind === 'setup') events.onSetup?.(reply.event);
  if (reply.kind === 'start') events.onStart?.(reply.event);
  if (reply.kind === 'stage') events.onStage?.(reply.epoch, reply.text);
  if (reply.kind === 'batch') events.onBatch?.({ ...reply.event, memory: reply.memory });
  if (reply.kind === 'epoch') events.onEpoch?.(reply.event);
}

function failure(run: string, last: ArmReply | undefined, output: string, end: string): StudyError {
  if (last?.kind === 'error') {
    const cause = last.stack ? { cause: last.stack } : {};
    return new StudyError(`${run}: ${last.message}`, cause);
  }
  const said = output.trim() === '' ? '' : `; it wrote:\n${output.trim()}`;
  const hint = end === 'signal SIGKILL' ? ' (which is how a system without free memory ends a process)' : '';
  return new StudyError(
    `${run}: its process ended with ${end}${hint}; what it had saved stays, resume the study to go on${said}`,
  );
}

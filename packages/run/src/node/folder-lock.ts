/** One process at a time in a folder. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TrainingError } from '@froyolo/yolo';

const LOCK = 'lock';
const lockedHere = new Set<string>();

/**
 * Takes a folder; a lock whose process has ended counts as open.
 * @returns gives it back
 * @throws TrainingError when another process has it
 */
export function lockFolder(folder: string): () => void {
  const file = join(folder, LOCK);
  const holder = holderOf(folder);
  if (holder !== undefined)
    throw new TrainingError(
      `${folder} is in use by process ${holder}: wait until it has ended, or name another folder for the cache`,
    );
  writeFileSync(file, `${process.pid}\n`);
  lockedHere.add(folder);
  return () => {
    lockedHere.delete(folder);
    rmSync(file, { force: true });
  };
}

/** The running process that has a folder. */
export function holderOf(folder: string): number | undefined {
  if (lockedHere.has(folder)) return process.pid;
  const pid = Number(readLock(join(folder, LOCK)));
  // A number may be given to a new process: this one knows that it has no such lock.
  return pid > 0 && pid !== process.pid && isRunning(pid) ? pid : undefined;
}

function readLock(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

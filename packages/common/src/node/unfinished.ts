/** Temporary names that files are written under, and the removal of those that killed processes left. */
import { createHash, randomBytes } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isRunning } from './is-running.js';

/** Host, process and a random part: a process that is gone doesn't come back for its file. */
const UNFINISHED = /\.([\da-f]{6})-(\d+)-[\da-f]{8}\.part$/;

const HOST = createHash('sha1').update(hostname()).digest('hex').slice(0, 6);

/** On another host nobody can see whether the process runs; nothing takes this long to write. */
const OTHERS_MS = 24 * 3600_000;

/** A name beside `path` that no other process writes to. */
export function temporaryName(path: string): string {
  return `${path}.${HOST}-${process.pid}-${randomBytes(4).toString('hex')}.part`;
}

/**
 * Removes files and folders that killed processes left unfinished in a folder.
 * @param name of the file that was to be written; by default any
 * @param idleMs milliseconds since the last write before they count as left: processes in containers of one host don't see
 * each other, but a file that is being written is never idle for long
 */
export async function removeUnfinished(folder: string, name?: string, idleMs = 0): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const found of names) {
    const [suffix, host, pid] = UNFINISHED.exec(found) ?? [];
    if (suffix === undefined || (name !== undefined && found !== name + suffix)) continue;
    const path = join(folder, found);
    if (await isLeft(path, host, Number(pid), idleMs)) await rm(path, { recursive: true, force: true });
  }
}

async function isLeft(path: string, host: string | undefined, pid: number, idleMs: number): Promise<boolean> {
  const { mtimeMs = Number.POSITIVE_INFINITY } = (await stat(path).catch(() => undefined)) ?? {};
  const idle = Date.now() - mtimeMs;
  if (host !== HOST) return idle > OTHERS_MS;
  if (idle < idleMs) return false;
  // An earlier process may have had the number of this one.
  if (pid === process.pid) return mtimeMs < Date.now() - process.uptime() * 1000;
  return !isRunning(pid);
}

/** Two processes that start together, again and again: neither a folder nor a lock is shared. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SCRIPT = join(import.meta.dirname, 'pair.mjs');
/** Both are loaded by then. */
const AHEAD_MS = 1500;

interface Claim {
  readonly folder: string;
  readonly isLocked: boolean;
}

/**
 * Calls `use` with what starts a pair and gives its problems: that it shared something, or that one got nothing. The locks
 * of earlier pairs are left over.
 */
export async function withPairs<T>(
  use: (pair: (number: number) => Promise<string[]>) => Promise<T>,
): Promise<T> {
  const root = await mkdtemp(join(tmpdir(), 'froyolo-pairs-'));
  const shared = join(root, 'shared');
  await mkdir(shared);
  try {
    return await use(async (pair) => {
      const at = Date.now() + AHEAD_MS;
      const start = () => run(process.execPath, [SCRIPT, join(root, 'runs'), shared, String(at)]);
      const [a, b] = (await Promise.all([start(), start()])).map(({ stdout }): Claim => JSON.parse(stdout));
      const folders = a?.folder === b?.folder ? [`pair ${pair}: both have ${a?.folder}`] : [];
      if (a?.isLocked !== b?.isLocked) return folders;
      return [...folders, `pair ${pair}: ${a?.isLocked ? 'both have' : 'none has'} the lock`];
    });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

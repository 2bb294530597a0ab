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

/** @returns a line for each pair that shared something, or got nothing; locks of earlier pairs are left over each time */
export async function startPairs(count: number): Promise<string[]> {
  const root = await mkdtemp(join(tmpdir(), 'froyolo-pairs-'));
  const shared = join(root, 'shared');
  await mkdir(shared);
  const problems: string[] = [];
  try {
    for (let pair = 0; pair < count; pair++) {
      const at = Date.now() + AHEAD_MS;
      const start = () => run(process.execPath, [SCRIPT, join(root, 'runs'), shared, String(at)]);
      const [a, b] = (await Promise.all([start(), start()])).map(({ stdout }): Claim => JSON.parse(stdout));
      if (a?.folder === b?.folder) problems.push(`pair ${pair}: both have ${a?.folder}`);
      if (a?.isLocked === b?.isLocked)
        problems.push(`pair ${pair}: ${a?.isLocked ? 'both have' : 'none has'} the lock`);
    }
  } finally {
    await rm(root, { recursive: true, force: true });
  }
  return problems;
}

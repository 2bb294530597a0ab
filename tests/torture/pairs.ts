/** Two processes that start together, again and again: neither a folder nor a lock is shared. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SCRIPT = join(import.meta.dirname, 'pair.mjs');
/** Both have been told by then. */
const AHEAD_MS = 30;

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
      const [a, b] = await claimsOf([1, 2].map(() => [join(root, 'runs'), shared]));
      const folders = a?.folder === b?.folder ? [`pair ${pair}: both have ${a?.folder}`] : [];
      if (a?.isLocked !== b?.isLocked) return folders;
      return [...folders, `pair ${pair}: ${a?.isLocked ? 'both have' : 'none has'} the lock`];
    });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** What processes got that claimed at the same time, however long each took to load. */
async function claimsOf(args: readonly (readonly string[])[]): Promise<Claim[]> {
  const started = await Promise.all(args.map(loaded));
  const at = Date.now() + AHEAD_MS;
  return Promise.all(started.map((process) => process.claimAt(at)));
}

/** Starts a process and waits until it is loaded. */
async function loaded(args: readonly string[]) {
  const child = spawn(process.execPath, [SCRIPT, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const output: string[] = [];
  const first = once(child.stdout.setEncoding('utf8'), 'data');
  child.stdout.on('data', (text: string) => output.push(text));
  const ended = once(child, 'close');
  await Promise.race([first, ended]);
  return {
    async claimAt(time: number): Promise<Claim> {
      child.stdin.write(`${time}\n`);
      await ended;
      return JSON.parse(output.join('').replace('ready\n', ''));
    },
  };
}

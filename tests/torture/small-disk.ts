/** A real disk that is small: a file system in memory. Only root may mount one, on Linux. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Bytes of a disk that is large enough for every subject. */
const LARGE = 2 ** 28;

export interface SmallDisk {
  readonly folder: string;
  /** Bytes that are taken. */
  taken(): number;
  /** Makes it large. */
  grow(): void;
}

/** Calls `use` with a disk of so many bytes, in whole pages. */
export async function onSmallDisk<T>(use: (disk: SmallDisk) => Promise<T>, bytes = LARGE): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'froyolo-disk-'));
  mount('-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder);
  try {
    return await use({
      folder,
      taken() {
        const { blocks, bfree, bsize } = statfsSync(folder);
        return (blocks - bfree) * bsize;
      },
      grow: () => mount('-o', `remount,size=${LARGE}`, folder),
    });
  } finally {
    execFileSync('umount', [folder]);
    rmdirSync(folder);
  }
}

const mount = (...args: readonly string[]) => execFileSync('mount', args, { stdio: 'ignore' });

/** Why no small disk can be had here; empty where one can. */
export async function noSmallDisk(): Promise<string> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'a small disk needs root on Linux';
  return onSmallDisk(async () => '').catch(() => 'mounting a file system in memory is refused');
}

import { readFileSync } from 'node:fs';

/**
 * The largest resident memory of this process so far, in bytes. Linux counts it anew for each program, while `maxRSS` there
 * starts from the value of the parent process.
 */
export function peakMemory(): number {
  try {
    const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    if (kib) return Number(kib) * 1024;
  } catch {
    // No such file: not Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}

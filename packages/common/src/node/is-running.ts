/** Whether a process runs on this machine, of whatever user. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user can't be signaled, but it is there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * One of two processes that start together: says when it is loaded, is told a time (milliseconds, a line of its input),
 * claims a run's folder and a lock then, and says what it got. Arguments: project, folder to lock.
 */
import { once } from 'node:events';
import { claimRunFolder, lockFolder } from '@froyolo/run/node';

const [project, shared] = process.argv.slice(2);
process.stdout.write('ready\n');
const [at] = await once(process.stdin, 'data');
while (Date.now() < Number(at));
const folder = claimRunFolder(project, 'exp');
let isLocked = false;
try {
  lockFolder(shared);
  isLocked = true;
} catch {
  // The other one has it.
}
process.stdout.write(JSON.stringify({ folder, isLocked }));
// Longer than the other one takes to look.
await new Promise((resolve) => setTimeout(resolve, 300));
process.exit();

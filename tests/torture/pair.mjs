/**
 * One of two processes that start together: claims a run's folder and a lock at a given time, and says what it got.
 * Arguments: project, folder to lock, time in milliseconds.
 */
import { claimRunFolder, lockFolder } from '@froyolo/run/node';

const [project, shared, at] = process.argv.slice(2);
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

/** The program. */
import { runCli } from './cli.js';
import { namedIn } from './program.js';

const { argv, stdout, stderr, env } = process;
const words = argv.slice(2);
// A reader that has seen enough, such as `head`, is no error.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});
// A command that saves nothing on a signal ends at once, as the system does it.
const needsThread = namedIn(words)?.saves && !words.some((word) => word === '--help' || word === '-h');
process.exitCode = needsThread
  ? await (await import('./thread/run-on-thread.js')).runOnThread(words, process)
  : await runCli(words, { stdout, stderr, env });

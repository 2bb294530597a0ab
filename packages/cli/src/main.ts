import { runCli } from './cli.js';

const { stdout, stderr, env } = process;
// A reader that has seen enough, such as `head`, is no error.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});
process.exitCode = await runCli(process.argv.slice(2), { stdout, stderr, env });

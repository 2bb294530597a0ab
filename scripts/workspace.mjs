// The only tool a machine needs is Node with its npm: this runs the pnpm version that package.json names.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Every path in these scripts is relative to the repository.
process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const { packageManager } = JSON.parse(readFileSync('package.json', 'utf8'));

/** Runs a command that shares the terminal; returns its exit status. */
function run(command, args, options) {
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1' };
  const { status, error } = spawnSync(command, args, { env, stdio: 'inherit', ...options });
  if (error) throw error;
  return status ?? 1;
}

/**
 * Runs `pnpm ...args` and returns its exit status. `npm run` says where npm's own script lies, which Node
 * can start on every system; without it npm is looked up on the PATH, which on Windows takes a shell.
 */
export function pnpm(...args) {
  const npmArgs = ['exec', '--yes', `--package=${packageManager}`, '--', 'pnpm', ...args];
  const npmScript = process.env.npm_execpath;
  if (npmScript?.endsWith('npm-cli.js')) return run(process.execPath, [npmScript, ...npmArgs]);
  return run('npm', npmArgs, { shell: process.platform === 'win32' });
}

/** Installs the locked dependencies and builds every package; ends the process where that fails. */
export function installAndBuild() {
  const steps = [
    ['install', '--frozen-lockfile', '--config.confirm-modules-purge=false'],
    ['run', 'build', '--output-logs=errors-only'],
  ];
  console.log('Installing and building: a minute or two the first time, seconds afterwards.');
  for (const args of steps) {
    const status = pnpm(...args);
    if (status !== 0) {
      console.error(`\`pnpm ${args.join(' ')}\` failed with status ${status}; the lines above say why.`);
      process.exit(status);
    }
  }
}

/** Runs a script of this folder and returns its exit status. */
export const script = (file, ...args) => run(process.execPath, [file, ...args]);

/** Runs the built command line with these arguments; ends the process where it fails. */
export function froyolo(...args) {
  console.log(`\n$ npx froyolo ${args.map((arg) => (arg === '' ? "''" : arg)).join(' ')}`);
  const status = run(process.execPath, ['packages/cli/bin/froyolo.js', ...args.map(String)]);
  if (status !== 0) process.exit(status);
}

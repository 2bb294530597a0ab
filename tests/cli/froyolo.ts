import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
export const BIN = join(ROOT, 'packages/cli/bin/froyolo.js');

/** Whether the command line and what it imports are built. */
export const IS_BUILT = [
  'cli/dist/main.js',
  'data/dist/worker.js',
  'study/dist/arm-process.js',
  ...[
    'core',
    'data',
    'errors',
    'freeze',
    'model-yaml',
    'report',
    'run',
    'study',
    'queue',
    'weights',
    'yolo',
  ].map((name) => `${name}/dist/index.js`),
].every((file) => existsSync(join(ROOT, 'packages', file)));

/** A small architecture, so that a test trains in seconds. */
export const SMALL_MODEL = join(ROOT, 'packages/shapes/embedded/model.yaml');

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line in a folder; `onOutput` sees what it has written so far. */
export function froyolo(
  cwd: string,
  args: readonly (string | number)[],
  onOutput: (stdout: string, child: ChildProcess) => void = () => {},
  env: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [BIN, ...args.map(String)], {
      cwd,
      env: { ...process.env, ...env },
    });
    const written = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      written.stdout += text;
      onOutput(written.stdout, child);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (written.stderr += text));
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, ...written }));
  });
}

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const WINDOWS = process.platform === 'win32';

export interface PackageJson {
  name: string;
  version: string;
  private?: boolean;
  exports: Record<string, unknown>;
}

export interface WorkspacePackage {
  folder: string;
  json: PackageJson;
}

/** The packages that are published: every one under `packages/` that isn't private. */
export const PUBLIC_PACKAGES: WorkspacePackage[] = readdirSync(join(ROOT, 'packages'))
  .map((name) => join(ROOT, 'packages', name))
  .filter((folder) => existsSync(join(folder, 'package.json')))
  .map((folder) => ({ folder, json: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }))
  .filter(({ json }) => !json.private);

/** Names of the public packages whose `dist` is missing. */
export const UNBUILT = PUBLIC_PACKAGES.filter(({ folder }) => !existsSync(join(folder, 'dist'))).map(
  ({ json }) => json.name,
);

/** What a program importing a package may write: `@froyolo/data`, `@froyolo/data/node`, … */
export function codeEntries({ name, exports }: PackageJson): string[] {
  const paths = Object.keys(exports).filter((path) => path !== './package.json');
  return paths.map((path) => name + path.slice(1));
}

/** Packs a package as it would be published and returns the tarball's path. */
export function pack({ folder, json }: WorkspacePackage, destination: string): string {
  run('pnpm', ['pack', '--pack-destination', destination], folder);
  return join(destination, `${json.name.replace('@', '').replace('/', '-')}-${json.version}.tgz`);
}

/** Runs a program that the PATH finds (on Windows a `.cmd` file, which takes a shell); returns its output. */
export function run(command: string, args: string[], cwd: string): string {
  return execFileSync(command, args, {
    cwd,
    shell: WINDOWS,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

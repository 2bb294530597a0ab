import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const WINDOWS = process.platform === 'win32';

export interface PackageJson {
  name: string;
  version: string;
  private?: boolean;
  exports: Record<string, unknown>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

export interface WorkspacePackage {
  folder: string;
  json: PackageJson;
}

const packagesIn = (parent: string): WorkspacePackage[] =>
  readdirSync(join(ROOT, parent))
    .map((name) => join(ROOT, parent, name))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => ({ folder, json: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }));

/** The libraries and the command line: every package under `packages/` that isn't private. */
export const PUBLIC_PACKAGES = packagesIn('packages').filter(({ json }) => !json.private);

const RUNTIME = packagesIn('runtime');
/** onnxruntime's binding: the package that picks the platform, and the one with this platform's binaries. */
export const RUNTIME_PACKAGES = RUNTIME.filter(({ json: { name } }) =>
  ['@froyolo/onnxruntime', `@froyolo/onnxruntime-${process.platform}-${process.arch}`].includes(name),
);
/** Every package of the onnxruntime binding, for all platforms. */
export const ALL_RUNTIME_PACKAGES = RUNTIME;

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

/** Bytes of every file below a folder, as `du --apparent-size` counts them. */
export function folderBytes(folder: string): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
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

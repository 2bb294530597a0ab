/** Installs the npm package of a CUDA back-end in a folder of its own, and gives it its libraries. */
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { removeUnfinished, temporaryName } from '@froyolo/common/node';
import type { CudaBackend } from '@froyolo/run/node';
import { runTool } from './run-tool.js';
import { buildAddon } from './tensorflow-addon.js';

export interface PackageInstall {
  /** Folder that the package is installed in; it is there only when it is complete. */
  readonly folder: string;
  /** Folder with the back-end's own libraries. */
  readonly libraries: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Installs a package with npm, which looks in its own configuration for the registry and checks the sums, without running
 * install scripts: those download from fixed hosts.
 * @throws CommandError with what npm or the compiler said
 */
export async function installPackage(backend: CudaBackend, options: PackageInstall): Promise<void> {
  const { folder } = options;
  await mkdir(dirname(folder), { recursive: true });
  await removeUnfinished(dirname(folder), basename(folder));
  const temporary = temporaryName(folder);
  try {
    await mkdir(temporary);
    await writeFile(join(temporary, 'package.json'), '{ "private": true }\n');
    const { name, version } = backend.npm;
    await npmInstall([`${name}@${version}`, ...(isTensorflow(backend) ? [HEADERS] : [])], temporary, options);
    const installed = join(temporary, 'node_modules', name);
    if (isTensorflow(backend)) await buildAddon(installed, { ...options, headers: headersIn(temporary) });
    await linkLibraries(backend, join(installed, libraryFolder(backend)), options.libraries);
    await rename(temporary, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

const isTensorflow = ({ name }: CudaBackend) => name === 'tensorflow';

/** Headers of Node's C API, which the package of Node doesn't bring everywhere. */
const HEADERS = 'node-api-headers@1';
const headersIn = (folder: string) => join(folder, 'node_modules', 'node-api-headers', 'include');

/** Where a package looks for its libraries. */
const libraryFolder = (backend: CudaBackend) =>
  isTensorflow(backend) ? join('deps', 'lib') : join('bin', 'napi-v6', 'linux', 'x64');

async function linkLibraries({ own }: CudaBackend, into: string, from: string): Promise<void> {
  await mkdir(into, { recursive: true });
  for (const name of own.files) {
    await rm(join(into, name), { force: true });
    await symlink(join(from, name), join(into, name));
  }
}

async function npmInstall(
  packages: readonly string[],
  folder: string,
  { signal }: PackageInstall,
): Promise<void> {
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await runTool('npm', ['install', ...options, ...packages], {
    cwd: folder,
    advice: 'install npm, which comes with Node, and check its registry (npm config get registry)',
    signal,
  });
}

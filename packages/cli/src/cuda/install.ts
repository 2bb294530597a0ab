/** Fetches CUDA back-ends: wheels into the cache, npm packages beside them. */
import { existsSync } from 'node:fs';
import { rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '@froyolo/common/node';
import { lockFolder, packageFolder, wheelFolder } from '@froyolo/run/node';
import { CommandError } from '../errors.js';
import { type DownloadOptions, downloadFile } from './download.js';
import type { PackageIndex } from './index-page.js';
import type { PlannedBackend, PlannedWheel } from './install-plan.js';
import { installPackage } from './npm-package.js';
import { runTool } from './run-tool.js';
import { ADDON_HEADERS, compiler } from './tensorflow-addon.js';
import { unpackWheel } from './unpack-wheel.js';

export interface InstallOptions {
  /** Folder of the cache. */
  readonly root: string;
  readonly index: PackageIndex;
  readonly signal?: AbortSignal | undefined;
  /** Something begins, in words. */
  onStep?(text: string): void;
  onDownload?(name: string): Required<Pick<DownloadOptions, 'onProgress'>>;
}

/** Unpacked libraries take about this many times what the wheel takes; the wheel is there meanwhile. */
const UNPACKED = 1.9;

/** Bytes on the disk when all is done, about. */
export const diskBytes = (plans: readonly PlannedBackend[]) => UNPACKED * downloadBytes(plans);

/** Bytes to download, as far as they are known. */
export function downloadBytes(plans: readonly PlannedBackend[]): number {
  return plans.flatMap(({ wheels }) => wheels).reduce((sum, { bytes = 0 }) => sum + bytes, 0);
}

/**
 * Does what was planned. What is done stays done, and a download that was interrupted goes on.
 * @throws CommandError for what can't be downloaded, unpacked or built; TrainingError where another process installs
 */
export async function install(plans: readonly PlannedBackend[], options: InstallOptions): Promise<void> {
  const { root } = options;
  makeFolder(root);
  const unlock = lockFolder(root, 'wait until that installation has ended');
  try {
    await checkTools(plans, options);
    await checkSpace(plans, root);
    for (const plan of plans) await installBackend(plan, options);
  } finally {
    unlock();
  }
}

/** Reports missing tools before hundreds of megabytes are fetched. */
async function checkTools(plans: readonly PlannedBackend[], { root, signal }: InstallOptions): Promise<void> {
  const building = plans.filter(({ needsPackage }) => needsPackage);
  const at = { cwd: root, signal };
  if (building.length > 0)
    await runTool('npm', ['--version'], { ...at, advice: 'install npm, which comes with Node' });
  if (building.some(({ backend }) => backend.name === 'tensorflow'))
    await runTool(compiler(), ['--version'], {
      ...at,
      advice: 'install a C++ compiler (apt install g++), or name one in CXX',
    });
}

async function checkSpace(plans: readonly PlannedBackend[], root: string): Promise<void> {
  const { bavail, bsize } = await statfs(root);
  const needed =
    diskBytes(plans) + Math.max(0, ...plans.flatMap(({ wheels }) => wheels.map(({ bytes = 0 }) => bytes)));
  const free = bavail * bsize;
  if (needed > free)
    throw new CommandError(
      `${root}: about ${gigabytes(needed)} are needed and ${gigabytes(free)} are free; make room, or name another folder in FROYOLO_CACHE`,
    );
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;

async function installBackend(
  { backend, wheels, needsPackage }: PlannedBackend,
  options: InstallOptions,
): Promise<void> {
  const { root, signal, onStep } = options;
  for (const planned of wheels) await installWheel(planned, options);
  if (!needsPackage) return;
  onStep?.(`Installing ${backend.npm.name} ${backend.npm.version}`);
  const libraries = wheelFolder(backend.own, root);
  await installPackage(backend, { folder: packageFolder(backend, root), libraries, signal });
}

async function installWheel({ wheel, file }: PlannedWheel, options: InstallOptions): Promise<void> {
  const { root, index, signal, onStep, onDownload } = options;
  const folder = wheelFolder(wheel, root);
  // Two back-ends may share one.
  if (existsSync(folder)) return;
  const path = join(root, 'downloads', file.name);
  if (!existsSync(path)) await downloadFile(file, path, index, { signal, ...onDownload?.(file.name) });
  onStep?.(`Unpacking ${file.name}`);
  const folders = wheel.project === 'tensorflow' ? ADDON_HEADERS : [];
  await unpackWheel(path, folder, { files: wheel.files, folders });
  await rm(path, { force: true });
}

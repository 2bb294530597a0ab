/** `froyolo devices --install`: fetches CUDA back-ends with the libraries that they need. */
import { cudaFolder, cudaReport } from '@froyolo/run/node';
import type { CommandContext } from '../context.js';
import { type PackageIndex, packageIndex } from '../cuda/index-page.js';
import { diskBytes, downloadBytes, install } from '../cuda/install.js';
import { backendsFor, type PlannedBackend, planInstall } from '../cuda/install-plan.js';
import { CommandError } from '../errors.js';
import { DownloadLog } from '../output/download-log.js';
import { formatBytes } from '../output/format.js';
import { shortPath } from '../paths.js';

export interface InstallRequest {
  /** `cuda`, or names of devices. */
  readonly names: readonly string[];
  readonly dryRun: boolean;
  readonly root?: string;
  readonly index?: PackageIndex;
}

export async function installCuda(
  { terminal, signal }: CommandContext,
  { names, dryRun, root = cudaFolder(), index = packageIndex() }: InstallRequest,
): Promise<void> {
  const backends = backendsFor(names);
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new CommandError(
      `CUDA back-ends are there for Linux on x64, not for ${process.platform} on ${process.arch}`,
    );
  const { driver } = await cudaReport({ root });
  if (driver === undefined)
    terminal.warn('no NVIDIA driver answers here: what is fetched can be used once there is one');
  const plans: PlannedBackend[] = [];
  for (const backend of backends) plans.push(await planInstall(backend, index, { root, signal }));
  for (const line of plans.flatMap(planLines)) terminal.print(line);
  if (plans.every(({ wheels, needsPackage }) => wheels.length === 0 && !needsPackage))
    return terminal.print(`All of it is in ${shortPath(root)} already.`);
  terminal.print(
    `${formatBytes(downloadBytes(plans))} to download, about ${formatBytes(diskBytes(plans))} on the disk in ${shortPath(root)}`,
  );
  if (dryRun) return terminal.print('Nothing was fetched (--dry-run).');
  await install(plans, {
    root,
    index,
    signal,
    onStep: (text) => terminal.note(text),
    onDownload(name) {
      const log = new DownloadLog(terminal, name);
      return { onProgress: (done, total) => log.update(done, total ?? done) };
    },
  });
  terminal.print('Done. "froyolo devices" tries them.');
}

function planLines({ backend, wheels, found, needsPackage }: PlannedBackend): string[] {
  const { npm, devices, cuda, cudnn } = backend;
  return [
    `${devices.join(', ')}: CUDA ${cuda}, cuDNN ${cudnn}`,
    ...found.map(({ name, path }) => `  is there  ${name}: ${path}`),
    ...wheels.map(
      ({ wheel: { project, version }, bytes }) =>
        `  to fetch  ${project} ${version}${bytes === undefined ? '' : `: ${formatBytes(bytes)}`}`,
    ),
    ...(needsPackage ? [`  to fetch  ${npm.name} ${npm.version}, with npm`] : []),
  ];
}

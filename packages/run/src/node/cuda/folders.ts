/** Where fetched CUDA back-ends lie: a folder per wheel and per npm package, below the user's cache. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cacheDir } from '@froyolo/weights/node';
import { CUDA_BACKENDS, type CudaBackend, type Wheel } from './backends.js';

export const cudaFolder = (cache = cacheDir()): string => join(cache, 'cuda');

/** What was unpacked of a wheel; it is there only when it is complete. */
export function wheelFolder({ project, version }: Pick<Wheel, 'project' | 'version'>, root: string): string {
  return join(root, 'wheels', `${project}-${version}`);
}

/** The folder that a back-end's npm package was installed in; it is there only when it is complete. */
export function packageFolder({ npm }: Pick<CudaBackend, 'npm'>, root: string): string {
  return join(root, 'packages', `${npm.name.replace(/^.*\//, '')}-${npm.version}`);
}

function isFetched(backend: CudaBackend, root = cudaFolder()): boolean {
  return existsSync(packageFolder(backend, root));
}

/** URL of the module of a fetched package; nothing where it wasn't fetched. */
export function fetchedModule(packageName: string, root = cudaFolder()): string | undefined {
  const backend = CUDA_BACKENDS.find(({ npm }) => npm.name === packageName);
  if (!backend || !isFetched(backend, root)) return undefined;
  const { resolve } = createRequire(join(packageFolder(backend, root), 'package.json'));
  return pathToFileURL(resolve(packageName)).href;
}

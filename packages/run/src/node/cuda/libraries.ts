/** Finds libraries by the names that CUDA packages open them with. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { CudaBackend, CudaWheel } from './backends.js';
import { cudaFolder, wheelFolder } from './folders.js';

export interface FoundLibrary {
  /** Such as `libcublas.so.13`. */
  readonly name: string;
  /** Nothing where it is missing. */
  readonly path?: string;
  /** Whether the system finds it by its name; else it has to be loaded by its path first. */
  readonly bySystem?: boolean;
}

export interface LibraryPlaces {
  /** Folder of fetched back-ends. */
  readonly root?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Paths of libraries by name, as the dynamic loader knows them. */
  readonly known?: ReadonlyMap<string, string>;
  /** Folders in which CUDA's installers put libraries without telling the loader. */
  readonly toolkits?: readonly string[];
}

const TOOLKITS = ['/usr/local/cuda/lib64', '/opt/cuda/lib64'];

/** All libraries that a back-end opens, in an order in which each follows those that it needs. */
export async function findLibraries(
  { libraries }: CudaBackend,
  places: LibraryPlaces = {},
): Promise<FoundLibrary[]> {
  const { known = await loaderPaths() } = places;
  return libraries.flatMap((wheel) => wheel.opened.map((name) => find(name, wheel, { ...places, known })));
}

function find(name: string, wheel: CudaWheel, places: LibraryPlaces): FoundLibrary {
  const { root = cudaFolder(), env = process.env, known, toolkits = TOOLKITS } = places;
  // The loader takes these first.
  const told = (env.LD_LIBRARY_PATH ?? '').split(':').filter(Boolean);
  const bySystem = firstIn(told, name) ?? known?.get(name);
  if (bySystem !== undefined) return { name, path: bySystem, bySystem: true };
  const path = firstIn([wheelFolder(wheel, root), ...toolkits], name);
  return path === undefined ? { name } : { name, path, bySystem: false };
}

const firstIn = (folders: readonly string[], name: string) =>
  folders.map((folder) => join(folder, name)).find((path) => existsSync(path));

/** The cache of the dynamic loader; empty where the tool that prints it is missing. */
async function loaderPaths(): Promise<Map<string, string>> {
  for (const tool of ['ldconfig', '/sbin/ldconfig']) {
    const output = await promisify(execFile)(tool, ['-p']).catch(() => undefined);
    if (output) return parseLoaderPaths(output.stdout);
  }
  return new Map();
}

/** Reads lines such as `libm.so.6 (libc6,x86-64) => /lib/x86_64-linux-gnu/libm.so.6`. */
export function parseLoaderPaths(output: string): Map<string, string> {
  const lines = output.matchAll(/^\s*(\S+) \([^)]*x86-64[^)]*\) => (\S+)$/gm);
  return new Map([...lines].map(([, name = '', path = '']) => [name, path]));
}

/** Plans what to fetch for CUDA back-ends. */
import { existsSync } from 'node:fs';
import {
  CUDA_BACKENDS,
  type CudaBackend,
  type FoundLibrary,
  findLibraries,
  type LibraryPlaces,
  packageFolder,
  type Wheel,
  wheelFolder,
} from '@froyolo/run/node';
import { UsageError } from '../errors.js';
import { filesOf, type IndexFile, type PackageIndex, wheelIn } from './index-page.js';

export interface PlannedWheel {
  readonly wheel: Wheel;
  readonly file: IndexFile & { readonly sha256: string };
  /** Size of the download; absent where nobody tells. */
  readonly bytes?: number;
}

export interface PlannedBackend {
  readonly backend: CudaBackend;
  readonly wheels: readonly PlannedWheel[];
  /** Libraries that are on the machine and are used. */
  readonly found: readonly FoundLibrary[];
  readonly needsPackage: boolean;
}

/** @throws UsageError for what names no back-end */
export function backendsFor(names: readonly string[]): CudaBackend[] {
  const known = CUDA_BACKENDS.flatMap(({ devices }) => devices);
  const unknown = names.find((name) => name !== 'cuda' && !known.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`--install ${unknown}: there are cuda (all of them), ${known.join(', ')}`);
  return CUDA_BACKENDS.filter(({ devices }) =>
    names.some((name) => name === 'cuda' || devices.includes(name)),
  );
}

/** @throws CommandError where the index can't be read, or lacks a wheel or its sum */
export async function planInstall(
  backend: CudaBackend,
  index: PackageIndex,
  { root, signal, ...places }: LibraryPlaces & { readonly root: string; readonly signal?: AbortSignal },
): Promise<PlannedBackend> {
  const libraries = await findLibraries(backend, { ...places, root });
  const found = libraries.filter(({ path }) => path !== undefined);
  const names = new Set(found.map(({ name }) => name));
  const lacking = backend.libraries.filter(({ opened }) => !opened.every((name) => names.has(name)));
  const needed = [backend.own, ...lacking].filter((wheel) => !existsSync(wheelFolder(wheel, root)));
  const wheels: PlannedWheel[] = [];
  for (const wheel of needed) {
    const file = wheelIn(await filesOf(wheel.project, index, signal), wheel);
    const bytes = file.bytes ?? (await sizeOf(file.url, index, signal));
    wheels.push({ wheel, file, ...(bytes === undefined ? {} : { bytes }) });
  }
  return { backend, wheels, found, needsPackage: !existsSync(packageFolder(backend, root)) };
}

/** An index in HTML tells no sizes; the server of the file does. */
async function sizeOf(url: string, index: PackageIndex, signal?: AbortSignal): Promise<number | undefined> {
  const response = await index.fetch(url, { method: 'HEAD', ...(signal ? { signal } : {}) });
  const length = response.headers.get('content-length');
  return response.ok && length !== null ? Number(length) : undefined;
}

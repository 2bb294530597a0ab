/** What this machine has of what CUDA back-ends need: GPUs, a driver, libraries; and what to do about the rest. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { driverCuda, nvidiaSmiTexts, visibleGpus } from '@froyolo/common/node';
import { type BackendName, CUDA_BACKENDS, type CudaBackend } from './backends.js';
import { neededLibraries } from './elf.js';
import { cudaFolder, fetchedModule, wheelFolder } from './folders.js';
import { type FoundLibrary, findLibraries, type LibraryPlaces } from './libraries.js';

const MIB = 2 ** 20;

interface GpuReport {
  /** Number in the driver, which counts all GPUs of the machine. */
  readonly index: number;
  readonly name: string;
  /** Bytes; absent where the driver doesn't tell. */
  readonly memory?: { readonly free: number; readonly total: number };
}

export interface BackendReport {
  readonly name: BackendName;
  /** Rows of the device table that run on it. */
  readonly devices: readonly string[];
  /** Major versions of CUDA and cuDNN that it needs. */
  readonly cuda: number;
  readonly cudnn: number;
  /** Its npm package with version, and where it is; without a path it is missing. */
  readonly package: { readonly name: string; readonly version?: string; readonly path?: string };
  /** Its library for CUDA; without a path it is missing. */
  readonly provider: FoundLibrary;
  readonly libraries: readonly FoundLibrary[];
  /** What to do, a line each; empty where nothing is missing. */
  readonly advice: readonly string[];
}

/** Plain JSON. */
export interface CudaReport {
  readonly gpus: readonly GpuReport[];
  /** The GPUs that `CUDA_VISIBLE_DEVICES` leaves to this process; absent where it hides none. */
  readonly visible?: readonly string[];
  /** Version of the driver; absent without one. */
  readonly driver?: string;
  /** Latest CUDA version that the driver runs. */
  readonly driverCuda?: string;
  readonly backends: readonly BackendReport[];
}

const FIELDS = ['index', 'name', 'memory.free', 'memory.total', 'driver_version'] as const;

/** Looks only at files and asks the driver's tool: nothing is loaded, and no memory of a GPU is taken. */
export async function cudaReport(places: LibraryPlaces = {}): Promise<CudaReport> {
  const gpus = await nvidiaSmiTexts(FIELDS);
  const driver = gpus[0]?.driver_version;
  const latest = driver === undefined ? undefined : await driverCuda();
  const visible = visibleGpus(places.env);
  return {
    gpus: gpus.map(gpuReport),
    ...(visible ? { visible } : {}),
    ...(driver === undefined ? {} : { driver }),
    ...(latest === undefined ? {} : { driverCuda: latest }),
    backends: await Promise.all(CUDA_BACKENDS.map((backend) => backendReport(backend, driver, places))),
  };
}

function gpuReport(texts: Readonly<Record<(typeof FIELDS)[number], string>>): GpuReport {
  const [free, total] = [Number(texts['memory.free']) * MIB, Number(texts['memory.total']) * MIB];
  const known = Number.isFinite(free) && Number.isFinite(total);
  return { index: Number(texts.index), name: texts.name, ...(known ? { memory: { free, total } } : {}) };
}

async function backendReport(
  backend: CudaBackend,
  driver: string | undefined,
  places: LibraryPlaces,
): Promise<BackendReport> {
  const { name, devices, cuda, cudnn } = backend;
  const installed = installedPackage(backend, places);
  const provider = providerOf(backend, installed.path, places);
  const libraries = await librariesOf(backend, provider, places);
  const needs = { backend, driver, isInstalled: installed.path !== undefined, provider, libraries };
  return { name, devices, cuda, cudnn, package: installed, provider, libraries, advice: adviceFor(needs) };
}

/** The package that would be loaded: the one that was fetched, else one that the program finds as usual. */
function installedPackage(
  { npm }: CudaBackend,
  { root = cudaFolder() }: LibraryPlaces,
): BackendReport['package'] {
  try {
    const fetched = fetchedModule(npm.name, root);
    const main = fetched ? fileURLToPath(fetched) : createRequire(import.meta.url).resolve(npm.name);
    const path = packageRoot(main);
    const { version } = createRequire(main)(join(path, 'package.json')) as { version: string };
    return { name: npm.name, version, path };
  } catch {
    return { name: npm.name };
  }
}

/** Whether the npm package of a back-end is there, without a look at anything else. */
export const hasPackage = (backend: CudaBackend) => installedPackage(backend, {}).path !== undefined;

/** The nearest folder above that holds the package. */
function packageRoot(path: string): string {
  const folder = dirname(path);
  return existsSync(join(folder, 'package.json')) || folder === path ? folder : packageRoot(folder);
}

/** The back-end's library for CUDA: where its package has it, or where it was unpacked. */
function providerOf(
  { own, name }: CudaBackend,
  packagePath: string | undefined,
  { root = cudaFolder() }: LibraryPlaces,
): FoundLibrary {
  const [file = ''] = own.files;
  const inPackage = name === 'onnxruntime' ? join('bin', 'napi-v6', 'linux', 'x64') : join('deps', 'lib');
  const places = [
    ...(packagePath === undefined ? [] : [join(packagePath, inPackage)]),
    wheelFolder(own, root),
  ];
  const path = places.map((folder) => join(folder, file)).find((place) => existsSync(place));
  return path === undefined ? { name: file } : { name: file, path };
}

/** CUDA libraries that the provider itself names count more than the table: it may be one of another CUDA version. */
async function librariesOf(
  backend: CudaBackend,
  { path }: FoundLibrary,
  places: LibraryPlaces,
): Promise<FoundLibrary[]> {
  const linked = path === undefined ? [] : await neededLibraries(path);
  const named = linked.filter((library) =>
    /^libcu(dart|blas|blasLt|fft|rand|sparse|solver)\.so/.test(library),
  );
  const expected = new Set(backend.libraries.flatMap(({ opened }) => opened));
  if (named.every((library) => expected.has(library))) return findLibraries(backend, places);
  const [cudnn] = backend.libraries.slice(-1);
  const other = { project: '', version: '', files: [], opened: named };
  return findLibraries({ ...backend, libraries: [other, ...(cudnn ? [cudnn] : [])] }, places);
}

interface Needs {
  readonly backend: CudaBackend;
  readonly driver: string | undefined;
  readonly isInstalled: boolean;
  readonly provider: FoundLibrary;
  readonly libraries: readonly FoundLibrary[];
}

function adviceFor({ backend, driver, isInstalled, provider, libraries }: Needs): string[] {
  const { cuda, cudnn, devices } = backend;
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return [`${devices.join(', ')}: there are builds for Linux on x64 alone`];
  const missing = libraries.filter(({ path }) => path === undefined).map(({ name }) => name);
  const isWhole = isInstalled && provider.path !== undefined && missing.length === 0;
  return [
    ...driverAdvice(backend, driver),
    ...(isWhole
      ? []
      : [`CUDA ${cuda}, cuDNN ${cudnn} and the package: froyolo devices --install ${devices[0]}`]),
  ];
}

function driverAdvice({ cuda, driver: least }: CudaBackend, driver: string | undefined): string[] {
  if (driver === undefined)
    return [
      `install the NVIDIA driver, ${least} or later; in a container, start it with the GPU (docker run --gpus all)`,
    ];
  if (Number.parseInt(driver, 10) >= least) return [];
  return [`update the driver: ${driver} is too old for CUDA ${cuda}, which needs ${least} or later`];
}

/** A page as the host of a run: files that a visitor opened, and the devices of the browser. */
import type { Device, OpenedDevice } from '@froyolo/core/devices';
import { ConfigError, type DatasetImage, type Hyperparameters, hypPresets } from '@froyolo/data';
import {
  type BrowserDataset,
  createTrainLoader,
  createValLoader,
  type Loader,
  type OpenedDatasets,
  type PoolWorkers,
} from '@froyolo/data/browser';
import { ARCHITECTURES, architectureYaml } from '@froyolo/model-yaml';
import type { Checkpoint } from '@froyolo/weights';
import { TrainingError } from '@froyolo/yolo';
import type { DeviceMemory, Host, RunData, RunLoader, RunTrainLoader } from '../host.js';
import { identifyPageImages, openPageFeatures } from './feature-folder.js';

export interface PageHostOptions {
  /** What training starts from. */
  readonly checkpoint: Checkpoint;
  readonly datasets: OpenedDatasets;
  /** Recipes besides the presets, by their names. */
  readonly recipes?: Readonly<Record<string, Hyperparameters>>;
  /** A folder of the browser's own for cached features; without one they are kept in memory, until the run ends. */
  readonly featureFolder?: FileSystemDirectoryHandle | undefined;
  /** Opens a device; the page knows where the bundler put its files. */
  openDevice(request: string): Promise<OpenedDevice>;
  /** Threads that make batches: the page's bundler knows where their file is. */
  createLoaderWorker(): Worker;
}

/** A WebAssembly memory has 32-bit addresses. */
const WASM_BYTES = 2 ** 32;
const GIB = 2 ** 30;
/** Browsers don't say more than 8 GB, and some say nothing. */
const UNKNOWN_GIB = 4;

/** A host of one page: it trains from the checkpoint and on the images that are open, whatever the settings name. */
export function createPageHost(options: PageHostOptions): Host {
  return {
    readHyp: async (name) => {
      const hyp = { ...hypPresets, ...options.recipes }[name];
      if (hyp) return hyp;
      throw new ConfigError(
        name,
        undefined,
        `there is no such recipe: ${Object.keys(hypPresets).join(', ')}`,
      );
    },
    readArchitecture: async (cfg) => {
      const name = ARCHITECTURES.find((known) => known === cfg);
      if (name) return { text: architectureYaml(name), fileName: `${name}.yaml` };
      throw new ConfigError(cfg, undefined, 'a page reads no architecture files: name an official one');
    },
    readCheckpoint: async () => options.checkpoint,
    openData: async ({ singleCls }) => {
      if (singleCls) throw new TrainingError('in a page classes stay apart (singleCls): leave it out');
      return openPageData(options.datasets, options.createLoaderWorker);
    },
    openDevice: ({ device }) => options.openDevice(device),
    // The page detects with it after the run.
    closeDevice: async () => {},
    deviceMemory: async ({ device }) => deviceMemory(device),
    processBytes: () => 0,
    openFeatures: (request) => openPageFeatures(request, options.featureFolder),
    identifyImages: (dataset) => identifyPageImages(dataset, [options.datasets.train, options.datasets.val]),
  };
}

function openPageData(
  { train, val }: Pick<OpenedDatasets, 'train' | 'val'>,
  createLoaderWorker: () => Worker,
): RunData {
  const workers = (count: number): PoolWorkers => ({ count, create: createLoaderWorker });
  return {
    train,
    val,
    openImages: async (split, images, settings) =>
      yielding(
        createValLoader(some(split === 'train' ? train : val, images), { ...settings, workers: workers(1) }),
      ),
    withValImages: (images) => openPageData({ train, val: some(val, images) }, createLoaderWorker),
    async openLoaders({ valBatchSize, cache, workers: count = defaultWorkers(), ...settings }) {
      if (cache === 'disk') throw new TrainingError('a page has no disk to keep images on: leave cache out');
      const { imgsz, stride, onWarning } = settings;
      const trainLoader = createTrainLoader(train, { ...settings, workers: workers(Math.max(count, 1)) });
      const valLoader = createValLoader(val, {
        imgsz,
        stride,
        onWarning,
        workers: workers(1),
        batchSize: valBatchSize,
      });
      const loader: RunTrainLoader = { ...trainLoader, ...yielding(trainLoader) };
      return { train: loader, val: yielding(valLoader) };
    },
  };
}

const some = (dataset: BrowserDataset, images: readonly DatasetImage[]): BrowserDataset => ({
  ...dataset,
  images: [...images],
});

const defaultWorkers = () => Math.max(1, Math.min(4, Math.floor(navigator.hardwareConcurrency / 2)));

/** Lets messages in before each batch, so that a training can be stopped. */
function yielding(loader: Loader): RunLoader {
  return {
    length: loader.length,
    warnings: loader.warnings,
    close: () => loader.close(),
    async *epoch(n) {
      for await (const batch of loader.epoch(n)) {
        await new Promise((resolve) => setTimeout(resolve));
        yield batch;
      }
    },
  };
}

/** What a tab may use, roughly: half of what the browser says the machine has. A GPU doesn't tell. */
function deviceMemory({ answersTo }: Device): DeviceMemory | undefined {
  if (answersTo.includes('webgpu')) return undefined;
  const said = 'deviceMemory' in navigator ? Number(navigator.deviceMemory) : UNKNOWN_GIB;
  const total = Math.min(said * GIB, WASM_BYTES);
  return { free: Math.min((said * GIB) / 2, WASM_BYTES), total };
}

/** Node as the host of a run: files, threads that decode images, and the devices that packages bring. */
import type { OpenedDevice } from '@froyolo/core/devices';
import type { Dataset } from '@froyolo/data';
import { createTrainLoader, createValLoader, openDataset } from '@froyolo/data/node';
import type { Host, RunData } from '../host.js';
import type { TrainSettings } from '../settings/index.js';
import { loadCheckpoint } from './checkpoints.js';
import { openNodeDevice } from './executor.js';
import { identifyImages, openFeatureFiles } from './features-on-disk.js';
import { deviceMemory } from './probe/memory.js';
import { loadArchitecture, loadHyp } from './settings-files.js';

export const nodeHost: Host = {
  readHyp: loadHyp,
  readArchitecture: loadArchitecture,
  readCheckpoint: loadCheckpoint,
  openData,
  openDevice: (settings) => openFor(settings),
  closeDevice: ({ executor }) => executor.dispose(),
  deviceMemory,
  processBytes: () => process.memoryUsage.rss(),
  openFeatures: openFeatureFiles,
  identifyImages,
};

/** The same host, but it announces, in words, when opening a device takes a while. */
export function tellingHost(onNote: ((text: string) => void) | undefined): Host {
  return { ...nodeHost, openDevice: (settings) => openFor(settings, onNote) };
}

function openFor(
  { device, threads }: Pick<TrainSettings, 'device' | 'threads'>,
  onNote?: (text: string) => void,
): Promise<OpenedDevice> {
  return openNodeDevice({ device, mayMeasure: true, onNote, ...(threads === undefined ? {} : { threads }) });
}

async function openData({ data, singleCls }: Pick<TrainSettings, 'data' | 'singleCls'>): Promise<RunData> {
  const train = await openDataset(data, 'train', { singleCls });
  return runData(train, await openDataset(data, 'val', { singleCls }));
}

function runData(train: Dataset, val: Dataset): RunData {
  return {
    train,
    val,
    openImages: (split, images, settings) =>
      createValLoader({ ...(split === 'train' ? train : val), images: [...images] }, settings),
    withValImages: (images) => runData(train, { ...val, images: [...images] }),
    async openLoaders({ valBatchSize, workers, ...settings }) {
      const { imgsz, stride, cache, onWarning } = settings;
      const threads = workers === undefined ? {} : { workers };
      return {
        train: await createTrainLoader(train, { ...settings, ...threads }),
        val: await createValLoader(val, {
          imgsz,
          stride,
          cache,
          onWarning,
          ...threads,
          batchSize: valBatchSize,
        }),
      };
    },
  };
}

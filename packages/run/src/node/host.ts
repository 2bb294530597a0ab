/** Node as the host of a run: files, threads that decode images, and the devices that packages bring. */
import { openDevice } from '@froyolo/core/devices';
import type { Dataset } from '@froyolo/data';
import { createTrainLoader, createValLoader, openDataset } from '@froyolo/data/node';
import type { Host, RunData } from '../host.js';
import type { TrainSettings } from '../settings/index.js';
import { loadCheckpoint } from './checkpoints.js';
import { identifyImages, openFeatureFiles } from './features-on-disk.js';
import { deviceMemory } from './memory.js';
import { loadArchitecture, loadHyp } from './settings-files.js';

export const nodeHost: Host = {
  readHyp: loadHyp,
  readArchitecture: loadArchitecture,
  readCheckpoint: loadCheckpoint,
  openData,
  openDevice: ({ device, threads }) =>
    openDevice(device, { platform: 'node', ...(threads === undefined ? {} : { threads }) }),
  closeDevice: ({ executor }) => executor.dispose(),
  deviceMemory,
  processBytes: () => process.memoryUsage.rss(),
  openFeatures: openFeatureFiles,
  identifyImages,
};

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

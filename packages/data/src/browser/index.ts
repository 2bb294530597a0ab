export {
  type BrowserDataset,
  type OpenDatasetsOptions,
  type OpenedDatasets,
  openDatasets,
} from './dataset.js';
export { checkImage, decodeImage, isBrowserImage, pixelsOf } from './decode-image.js';
export {
  createTrainLoader,
  createValLoader,
  type Loader,
  type TrainLoader,
  type TrainLoaderOptions,
  type ValLoaderOptions,
} from './loader.js';
export { type PoolWorkers, serveSamples } from './pool.js';
export { filesOfDrop, filesOfInput, filesOfZip, type SourceFile } from './source-files.js';

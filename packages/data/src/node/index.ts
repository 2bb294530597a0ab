export type { SampleTask } from '../sampler.js';
export { type AnnotatedBox, annotateImage, annotationSvg } from './annotate.js';
export { type BatchBox, batchPicture } from './batch-picture.js';
export { type CheckOptions, type CheckReport, checkDataset, type SplitFigures } from './check.js';
export { type Conversion, type ConvertOptions, convertDataset } from './convert.js';
export {
  type Dataset,
  type DatasetImage,
  listSplit,
  loadDatasetConfig,
  type OpenDatasetOptions,
  openDataset,
} from './dataset.js';
export { type FetchDatasetOptions, fetchDataset } from './fetch-dataset.js';
export { readBounded, readTextBounded, reasonOf } from './files.js';
export {
  checkImage,
  decodeImage,
  encodeImage,
  IMAGE_EXTENSIONS,
  type ImageSize,
  imageSize,
  isImagePath,
  saveImage,
} from './image-file.js';
export { DiskLabels } from './label-files.js';
export {
  createTrainLoader,
  createValLoader,
  type Loader,
  type TrainLoader,
  type TrainLoaderOptions,
  type ValLoaderOptions,
} from './loader.js';
export { LoaderError } from './pool.js';

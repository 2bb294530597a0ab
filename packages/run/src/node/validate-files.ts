/** Validates on a dataset in files, as `froyolo val` does. */
import type { Executor } from '@froyolo/core';
import { type Dataset, describeImages, type Split, withClasses } from '@froyolo/data';
import { createValLoader, loadDatasetConfig, openDataset } from '@froyolo/data/node';
import {
  type Detector,
  fixedSizeOf,
  strideOf,
  type ValidateOptions,
  type ValidationResult,
  validate,
} from '@froyolo/yolo';
import { VALIDATION_DEFAULTS } from '@froyolo/yolo/defaults';
import { matchClasses } from '../match-classes.js';

export interface ValidateFilesOptions extends Omit<ValidateOptions, 'loss'> {
  readonly detector: Detector;
  readonly executor: Executor;
  /** Dataset YAML. */
  readonly data: string;
  /** Default `val`. */
  readonly split?: Split;
  /** Default 32. */
  readonly batchSize?: number;
  /** Long side of the images in pixels. Default 640. */
  readonly imgsz?: number;
  /** Batches of similar aspect ratios in their smallest shape. Default true. */
  readonly rect?: boolean;
  readonly singleCls?: boolean;
  readonly workers?: number;
  onStart?(event: ValidateStartEvent): void;
  /** An image turned out to be damaged after the dataset was read, and is left out. */
  onWarning?(warning: string): void;
}

export interface ValidateStartEvent {
  readonly dataset: Dataset;
  /** What the dataset YAML names for the split. */
  readonly entries: readonly string[];
  readonly images: number;
  /** What the split holds, in words: `8 images (1 with labels, 7 without a label file)`. */
  readonly described: string;
  readonly batches: number;
  /** How the dataset's classes are the detector's, where their lists differ. */
  readonly classes?: string;
  /** Warnings of the dataset and the loader, each naming a file. */
  readonly warnings: readonly string[];
}

/** @throws DetectorError when a class of the dataset is none of the detector's */
export async function validateOnFiles(options: ValidateFilesOptions): Promise<ValidationResult> {
  const {
    detector,
    data,
    split = 'val',
    batchSize = VALIDATION_DEFAULTS.batchSize,
    imgsz = VALIDATION_DEFAULTS.imgsz,
    rect = true,
    singleCls = false,
  } = options;
  const opened = await openDataset(data, split, { singleCls });
  const { dataset, note } = singleCls
    ? { dataset: opened, note: undefined }
    : withClassesOf(detector, opened, data);
  const loader = await createValLoader(dataset, {
    batchSize,
    imgsz,
    // A network of one size takes squares.
    rect: rect && !fixedSizeOf(detector),
    stride: strideOf(detector),
    ...(options.workers === undefined ? {} : { workers: options.workers }),
    onWarning: (warning) => options.onWarning?.(warning),
  });
  try {
    options.onStart?.({
      dataset,
      entries: (await loadDatasetConfig(data))[split],
      images: dataset.images.length,
      described: describeImages(dataset),
      batches: loader.length,
      ...(note === undefined ? {} : { classes: note }),
      warnings: [...dataset.warnings, ...loader.warnings],
    });
    return await validate(detector, loader.epoch(0), options);
  } finally {
    await loader.close();
  }
}

/** The dataset with the class numbers of a detector. */
function withClassesOf(
  { names }: Detector,
  dataset: Dataset,
  data: string,
): { readonly dataset: Dataset; readonly note: string | undefined } {
  const { toDetector, note } = matchClasses(names, dataset.names, data);
  if (!toDetector) return { dataset, note };
  return { dataset: withClasses(dataset, (from) => toDetector[from], names), note };
}

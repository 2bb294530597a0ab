/** Validation on a dataset in files: what `froyolo val` does. */
import type { Executor } from '@froyolo/core';
import { describeImages, type Split } from '@froyolo/data';
import { createValLoader, openDataset } from '@froyolo/data/node';
import {
  type Detector,
  DetectorError,
  type ValidateOptions,
  type ValidationResult,
  validate,
} from '@froyolo/yolo';

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
  readonly images: number;
  /** What the split holds, in words: `8 images (1 with labels, 7 without a label file)`. */
  readonly described: string;
  readonly batches: number;
  /** Warnings of the dataset and the loader, each naming a file. */
  readonly warnings: readonly string[];
}

/** @throws DetectorError when the dataset has another number of classes than the detector */
export async function validateOnFiles(options: ValidateFilesOptions): Promise<ValidationResult> {
  const {
    detector,
    data,
    split = 'val',
    batchSize = 32,
    imgsz = 640,
    rect = true,
    singleCls = false,
  } = options;
  const dataset = await openDataset(data, split, { singleCls: singleCls });
  if (dataset.names.length > detector.names.length)
    throw new DetectorError(
      `${data} has ${dataset.names.length} classes, the detector ${detector.names.length}: use the dataset it was trained on`,
    );
  const loader = await createValLoader(dataset, {
    batchSize,
    imgsz,
    // A network of one size takes squares.
    rect: rect && !detector.onnx?.size,
    stride: Math.max(...detector.model.strides),
    ...(options.workers === undefined ? {} : { workers: options.workers }),
    onWarning: (warning) => options.onWarning?.(warning),
  });
  try {
    options.onStart?.({
      images: dataset.images.length,
      described: describeImages(dataset),
      batches: loader.length,
      warnings: [...dataset.warnings, ...loader.warnings],
    });
    return await validate(detector, loader.epoch(0), options);
  } finally {
    await loader.close();
  }
}

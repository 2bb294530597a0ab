export { clip, concatBoxes, type PixelBoxes, toNormalized, toPixels } from './augment/boxes.js';
export { type Labeled, mixup, mosaic4 } from './augment/mosaic.js';
export { type ImageSource, type TrainSampleOptions, trainSample, valSample } from './augment/pipeline.js';
export {
  drawMatrix,
  type PerspectiveRanges,
  randomPerspective,
  warpBoxes,
} from './augment/random-perspective.js';
export { type Batch, collate, type ImageMeta, type Sample, toSample } from './batch.js';
export { FINDING_KINDS, type Finding, type FindingKind, type Severity } from './check/findings.js';
export type { ClassFigures } from './check/statistics.js';
export { withoutTaskPrefix } from './convert/tree.js';
export {
  type Dataset,
  type DatasetCounts,
  type DatasetImage,
  describeImages,
  withClasses,
} from './dataset.js';
export {
  type DatasetConfig,
  parseDatasetYaml,
  type Split,
} from './dataset-yaml.js';
export { ClassError, ConfigError, DataError, DatasetError, ImageError, LabelError } from './errors.js';
export { augmentationOf, type Hyperparameters, hyperparametersSchema, hypPresets, parseHyp } from './hyp.js';
export { blit, checkImagePixels, createImage, PAD_VALUE, type RgbImage, toPlanes } from './image.js';
export {
  formatLabels,
  type Labels,
  labelPathOf,
  type ParsedLabels,
  parseLabels,
  type Segments,
} from './labels.js';
export { LIMITS } from './limits.js';
export { multiScaleSizes } from './multi-scale.js';
export { flipHorizontal, flipVertical } from './ops/flip.js';
export { augmentHsv, hsvToRgb, rgbToHsv } from './ops/hsv.js';
export {
  type Letterboxed,
  type LetterboxOptions,
  letterbox,
  longSideShape,
  resizeLongSide,
} from './ops/letterbox.js';
export { resizeArea, resizeLinear } from './ops/resize.js';
export { invert, type Matrix3, multiply, warpAffine, warpPerspective } from './ops/warp.js';
export { type Color, classColor, textColor } from './palette.js';
export { planRect, type RectPlan } from './rect.js';
export { Rng } from './rng.js';
export { countRows, LABEL_ROW, type RowLayout, rowLayout, TARGET_ROW } from './rows.js';
export { decodeText, entriesOf, linesOf, printable, safeFileName } from './text.js';
export { parseYaml, type YamlFile } from './yaml.js';

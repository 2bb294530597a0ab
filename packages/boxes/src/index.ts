export { type FitAnchorsOptions, fitAnchors } from './anchors/fit-anchors.js';
export { type AnchorFit, type AnchorSize, checkAnchors } from './anchors/recall.js';
export { clipBoxes, type Fit, fitInto, scaleBoxes, xywhToXyxy } from './boxes.js';
export { boxIou, type IouKind, pairwiseIou, type Xywh } from './iou.js';
export {
  type ApResult,
  apPerClass,
  type ClassAp,
  type DetectionCurves,
  type DetectionStats,
} from './metrics/average-precision.js';
export { classMaps } from './metrics/class-maps.js';
export { ConfusionMatrix, type ConfusionOptions } from './metrics/confusion-matrix.js';
export { fitness } from './metrics/fitness.js';
export {
  type ClassMetrics,
  type ClassResult,
  Statistics,
  type ValidationDetails,
} from './metrics/statistics.js';
export { type KnownBox, type NmsOptions, nonMaxSuppression, type ScoreColumns } from './nms.js';
export { DETECTION_ROW, type LabelColumn, type LabelRow, rowAt, scaleRows, TRUTH_ROW } from './rows.js';

export { type FitAnchorsOptions, fitAnchors } from './anchors/fit.js';
export {
  type AnchorFit,
  type AnchorSize,
  checkAnchors,
  type LabeledImage,
  labelSizes,
} from './anchors/recall.js';
export { type AssignOptions, assignTargets, type LevelAssignment } from './assign/assign-targets.js';
export { clipBoxes, type Fit, scaleBoxes, xywhToXyxy, xyxyToXywh } from './boxes/boxes.js';
export { boxIou, type IouKind, pairwiseIou, type Xywh } from './boxes/iou.js';
export { type DecodeModel, decodeHeads } from './decode/decode.js';
export { type AnchorCheck, type AnchorCheckOptions, fitAnchorsTo } from './detector/anchors.js';
export { type AnswerOptions, answeringClasses, answeringImages } from './detector/answering-classes.js';
export {
  type CreateDetectorOptions,
  createDetector,
  type Detector,
  detectorWith,
} from './detector/detector.js';
export { DetectorError } from './detector/errors.js';
export {
  detectorFromCheckpoint,
  type FineTuneOptions,
  type FineTuneStart,
  fineTuneFrom,
} from './detector/from-checkpoint.js';
export {
  type ClassFrom,
  type ClassStart,
  describeHeadRows,
  KEEP_HEAD,
  type KeepHead,
} from './detector/head-rows.js';
export { featureKey } from './feature-cache/key.js';
export {
  createFeatureSource,
  type FeatureSourceOptions,
  type FillEvent,
  type SampleRequest,
  type SampleSource,
} from './feature-cache/source.js';
export { canCacheFeatures } from './feature-cache/split-gradients.js';
export { splitStep } from './feature-cache/split-step.js';
export {
  type FeatureEntry,
  type FeatureStore,
  featureBytes,
  MemoryFeatureStore,
  rankOf,
} from './feature-cache/store.js';
export { type EntryId, entryAt, type VariantOptions } from './feature-cache/variants.js';
export { type LossFeeds, type LossInputOptions, lossInputName, lossInputs } from './loss/loss-inputs.js';
export {
  type LossHyp,
  scaledGains,
  type YoloLoss,
  type YoloLossOptions,
  yoloLoss,
} from './loss/yolo-loss.js';
export {
  type ApResult,
  apPerClass,
  type ClassAp,
  type DetectionCurves,
  type DetectionStats,
} from './metrics/average-precision.js';
export { ConfusionMatrix, type ConfusionOptions } from './metrics/confusion-matrix.js';
export { IOU_THRESHOLDS, matchDetections } from './metrics/match.js';
export {
  type PickedFreeze,
  type PickFreezeOptions,
  pickFreeze,
} from './plan/pick-freeze.js';
export {
  type FreezePlanRow,
  type PlanFreezeOptions,
  planFreeze,
  type RelativeCost,
} from './plan/plan-freeze.js';
export { type PlanOptions, planTrainingStep, type StepCost, type StepPlan } from './plan/plan-step.js';
export { surroundingBytes } from './plan/process-bytes.js';
export { type NmsOptions, nonMaxSuppression } from './postprocess/nms.js';
export type { Detection } from './predict/detections.js';
export { buildInferenceGraph, type InferenceOptions } from './predict/inference-graph.js';
export {
  createPredictor,
  type Prediction,
  type PredictOptions,
  type Predictor,
  type Speed,
} from './predict/predictor.js';
export { askedAhead } from './train/batches.js';
export { checkpointOf, trainingCheckpoint, trainingStateOf } from './train/checkpoints.js';
export { TrainingDeviceError, TrainingError } from './train/errors.js';
export type {
  BatchEvent,
  BatchSource,
  CheckpointEvent,
  EpochEvent,
  FeatureBatch,
  FeatureSource,
  FeatureSourceFactory,
  FeatureTensor,
  StageEvent,
  StartEvent,
  TrainingProgress,
  TrainingState,
  TrainOptions,
  TrainResult,
} from './train/events.js';
export { fitness } from './train/fitness.js';
export type { Losses, LossSettings } from './train/losses.js';
export { type TrainingStages, trainingStages } from './train/stages.js';
export {
  buildTrainingStep,
  stepFeeds,
  type TrainingStep,
  type TrainingStepOptions,
} from './train/step-graph.js';
export { StepRunner } from './train/step-runner.js';
export { syntheticBatch } from './train/synthetic-batch.js';
export { train } from './train/trainer.js';
export type { ClassMetrics, ClassResult, ValidationDetails } from './validate/statistics.js';
export {
  type ImageDetections,
  type ValidateOptions,
  type ValidationBatchEvent,
  type ValidationResult,
  validate,
} from './validate/validate.js';

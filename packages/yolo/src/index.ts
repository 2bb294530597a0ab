export type {
  BatchSource,
  FeatureBatch,
  FeatureSource,
  FeatureTensor,
} from './batches/sources.js';
export { askedAhead } from './batches/stream.js';
export { syntheticBatch } from './batches/synthetic-batch.js';
export {
  type CreateDetectorOptions,
  createDetector,
  type Detector,
  detectorWith,
} from './detector/detector.js';
export { ensembleOf, type NamedDetector } from './detector/ensemble.js';
export type { FloatNetwork, ForeignNetwork } from './detector/foreign-network.js';
export { freezeFor } from './detector/freeze.js';
export {
  detectorFromCheckpoint,
  type FineTuneOptions,
  type FineTuneStart,
  fineTuneFrom,
  KEEP_HEAD,
  type KeepHead,
} from './detector/from-checkpoint.js';
export { fixedSizeOf, roundedImgsz, strideOf } from './detector/image-size.js';
export { describePriors, fitPriors, type PriorCheck } from './detector/priors.js';
export { runsOn } from './detector/runs-on.js';
export { DetectorError, TrainingDeviceError, TrainingError } from './errors.js';
export { familyNamed, familyOf, registerFamily } from './families/table.js';
export { describeHeadRows } from './families/yolov5/head-rows.js';
export { LOSS_TERMS, type LossContext, type LossTerm, type Network } from './families/yolov5/terms.js';
export { yolov5, yolov5With } from './families/yolov5/yolov5.js';
export type {
  ClassFrom,
  ClassSources,
  ClassStart,
  Family,
  KeptHead,
  LabeledImage,
  LossSettings,
  NamedModel,
  PriorFit,
  PriorOptions,
  Priors,
  ViewPredictions,
} from './family.js';
export { type BoxNodes, completeIou } from './loss/complete-iou.js';
export { type Losses, noLosses } from './loss/losses.js';
export type { Detection } from './predict/detections.js';
export { buildInferenceGraph, compileInference, type InferenceOptions } from './predict/inference-graph.js';
export {
  createPredictor,
  type Prediction,
  type PredictOptions,
  type Predictor,
  type Speed,
} from './predict/predictor.js';
export { ProgramCache } from './predict/programs.js';
export { fullAccumulation, scaledWeightDecay } from './recipe/schedule.js';
export { stepFeeds } from './step/feeds.js';
export { imageFeed, imageInput } from './step/images.js';
export { canCacheFeatures } from './step/split-gradients.js';
export { splitStep } from './step/split-step.js';
export {
  boundGradientGraph,
  buildGradientGraph,
  buildTrainingStep,
  type TrainingStep,
  type TrainingStepOptions,
} from './step/step-graph.js';
export { StepRunner } from './step/step-runner.js';
export { checkpointOf, floatCheckpointOf } from './train/checkpoints.js';
export type {
  BatchEvent,
  CheckpointEvent,
  EpochEvent,
  FeatureSourceFactory,
  Pace,
  StageEvent,
  StartEvent,
  TrainingProgress,
  TrainingState,
  TrainOptions,
  TrainResult,
} from './train/events.js';
export { freshProgress } from './train/progress.js';
export { resolveTrainingStages, type TrainingStages, trainingStages } from './train/stages.js';
export { train } from './train/trainer.js';
export {
  type ImageDetections,
  type ValidateOptions,
  type ValidationBatchEvent,
  type ValidationResult,
  validate,
} from './validate/validate.js';

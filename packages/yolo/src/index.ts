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
  createPredictor,
  type Detection,
  type Prediction,
  type PredictOptions,
  type Predictor,
  type Speed,
} from './predict/predictor.js';
export { TrainingError } from './train/errors.js';
export type {
  BatchEvent,
  BatchSource,
  CheckpointEvent,
  EpochEvent,
  StartEvent,
  TrainingProgress,
  TrainingState,
  TrainOptions,
  TrainResult,
} from './train/events.js';
export { fitness } from './train/fitness.js';
export type { Losses, LossSettings } from './train/losses.js';
export { buildTrainingStep, type TrainingStep, type TrainingStepOptions } from './train/step-graph.js';
export { train } from './train/trainer.js';
export type { ClassMetrics, ClassResult } from './validate/statistics.js';
export {
  type ValidateOptions,
  type ValidationBatchEvent,
  type ValidationResult,
  validate,
} from './validate/validate.js';

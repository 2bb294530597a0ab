/** Trains, measures and uses YOLOv5 detectors in Node; each function does what the command of its name does. */

export { FroyoloError, isFroyoloError } from '@froyolo/errors';
export type {
  CompareOptions,
  DetectOptions,
  PlanOptions,
  TrainOptions,
  ValidateOptions,
} from '@froyolo/run/settings';
export {
  type BenchmarkEvents,
  type BenchmarkOptions,
  type BenchmarkResult,
  benchmark,
} from './api/benchmarks.js';
export { type CompareEvents, type CompareResult, compare, type ResumeStudyOptions } from './api/compare.js';
export { detect } from './api/detect.js';
export type {
  DetectEvents,
  DetectResult,
  FrameResult,
  ImageResult,
  VideoResult,
} from './api/detect-events.js';
export type { CommonEvents } from './api/events.js';
export { type EightBitCost, type ExportEvents, type ExportFilesOptions, exportFiles } from './api/export.js';
export { type DetectorOptions, type OpenDetector, openDetector } from './api/open-detector.js';
export type { DeviceEvents } from './api/opened-detector.js';
export { type Plan, type PlanEvents, plan } from './api/plan.js';
export {
  type SizeResult,
  STUDY_SIZES,
  type StudySizesEvents,
  type StudySizesResult,
  studySizes,
} from './api/study-sizes.js';
export { type ResumeOptions, type TrainEvents, type TrainResult, train } from './api/train.js';
export { type ValidateEvents, type ValidateResult, validate } from './api/validate.js';
export type { BenchmarkRow } from './benchmarks/results.js';
export type { TrainLogger } from './loggers/logger.js';

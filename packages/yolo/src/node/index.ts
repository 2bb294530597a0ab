export { type LoadOptions, loadDetector } from './checkpoints.js';
export {
  type ArmEvent,
  type CompareEvents,
  type CompareOptions,
  type CompareResult,
  compareFreezes,
} from './compare/compare.js';
export type { ArmEvents } from './compare/launch.js';
export type { ArmSetup } from './compare/messages.js';
export type { ArmResult, EpochResult, Machine, StudyResults } from './compare/results.js';
export type { Sample } from './compare/samples.js';
export { type Arm, isStudy, readStudy, type Study, StudyError, type StudyRecipe } from './compare/study.js';
export type { FreezeSummary, Spread } from './compare/summary.js';
export { formatDuration, formatMap, formatMemory, formatPercent, formatSpread } from './compare/words.js';
export { createNodeExecutor, describeDevice, type NodeDeviceOptions, openNodeDevice } from './executor.js';
export { FeatureFiles, type FeatureFilesOptions } from './feature-files.js';
export {
  checkFeatures,
  type FeatureCacheRun,
  type FeatureCacheSettings,
  type FeatureEvents,
  type FeaturesEvent,
  featureSources,
} from './features.js';
export { runFolder } from './files.js';
export { type DeviceMemory, deviceMemory } from './memory.js';
export { type DeviceReport, PROBE_STEP, probeDevice } from './probe-device.js';
export { loadArchitecture, loadHyp } from './settings.js';
export {
  type ResumeOptions,
  resumeOnFiles,
  type SetupEvent,
  type TrainFilesEvents,
  type TrainFilesOptions,
  type TrainFilesResult,
  trainOnFiles,
} from './train-files.js';
export { type ValidateFilesOptions, type ValidateStartEvent, validateOnFiles } from './validate-files.js';

export { type LoadOptions, loadDetector } from './checkpoints.js';
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
export { RunFolder } from './run-folder.js';
export { loadArchitecture, loadHyp } from './settings.js';
export { hyperparametersOf, stagesOf } from './setup.js';
export {
  resumeOnFiles,
  type SetupEvent,
  type TrainFilesEvents,
  type TrainFilesResult,
  trainOnFiles,
} from './train-files.js';
export { type ValidateFilesOptions, type ValidateStartEvent, validateOnFiles } from './validate-files.js';

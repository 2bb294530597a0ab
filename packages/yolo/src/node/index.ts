export { type LoadOptions, loadDetector } from './checkpoints.js';
export { createNodeExecutor } from './executor.js';
export { runFolder } from './files.js';
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

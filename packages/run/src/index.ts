export { type AutoBatch, type AutoBatchOptions, autoBatch, MEMORY_SHARE } from './auto-batch.js';
export { describeDevice } from './describe-device.js';
export type { FeatureEvents, FeaturesEvent, RunEvents, RunResult, SetupEvent } from './events.js';
export { capacityFor, checkFeatures } from './features.js';
export type {
  DeviceMemory,
  FeatureRequest,
  Host,
  KeepOptions,
  LoaderSettings,
  LoadOptions,
  NamedText,
  RunData,
  RunLoader,
  RunStore,
  RunTrainLoader,
} from './host.js';
export { hyperparametersOf } from './hyperparameters.js';
export { MemoryStore } from './memory-store.js';
export { type PreparedRun, prepareResume, prepareRun, type SavedRun } from './prepare.js';
export { autoRecipe, FEW_STEPS, RECIPES, type RecipeName } from './recipe/recipe.js';
export type { Recipe } from './recipe/recipe-type.js';
export {
  type KeptResults,
  keptResults,
  type ResultsRow,
  resultsHeader,
  resultsRow,
  termsIn,
} from './results-csv.js';
export { type RunRecord, recordOf, withRecord } from './saved-run.js';
export { type StageSettings, stagesOf } from './stages.js';
export { largestImgsz, type Started, startDetector } from './start-detector.js';
export { trainRun } from './train-run.js';

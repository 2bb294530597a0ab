export { type AutoBatch, type AutoBatchOptions, autoBatch, MEMORY_SHARE } from './auto-batch.js';
export { recordData } from './data-record.js';
export { describeDevice } from './describe-device.js';
export type { FeatureEvents, FeaturesEvent, RunEvents, RunResult, SetupEvent } from './events.js';
export { capacityFor, checkFeatures } from './feature-cache.js';
export { featureKey } from './features/key.js';
export {
  createFeatureSource,
  type FeatureSourceOptions,
  type FillEvent,
  type SampleRequest,
  type SampleSource,
} from './features/source.js';
export { type FeatureEntry, type FeatureStore, MemoryFeatureStore } from './features/store.js';
export type { EntryId, VariantOptions } from './features/variants.js';
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
export { type ClassMatch, matchClasses } from './match-classes.js';
export { MemoryStore } from './memory-store.js';
export { type PickedFreeze, type PickFreezeOptions, pickFreeze } from './plan/pick-freeze.js';
export {
  type FreezePlanRow,
  type PlanFreezeOptions,
  planFreeze,
  type RelativeCost,
} from './plan/plan-freeze.js';
export { type PlanOptions, planTrainingStep, type StepCost, type StepPlan } from './plan/plan-step.js';
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
export { trainingCheckpoint, trainingStateOf } from './training-state.js';

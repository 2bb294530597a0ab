export {
  type ArmEvent,
  type CompareEvents,
  type CompareOptions,
  type CompareResult,
  compareFreezes,
} from './compare.js';
export {
  type CrossValidation,
  type CrossValidationEvents,
  crossValidate,
  type FoldResult,
} from './cross-validate.js';
export { eachAtOnce } from './each-at-once.js';
export { StudyError } from './errors.js';
export { type Evolution, type EvolveEvents, evolve, GENERATIONS } from './evolve/evolve.js';
export type { Generation, GenerationResult } from './evolve/evolve-csv.js';
export { launchedGenerations } from './evolve/launched-generations.js';
export {
  type GenerationLauncher,
  type GenerationOrder,
  trainGeneration,
} from './evolve/train-generation.js';
export { type Interval, intervalOf } from './interval.js';
export { launchInProcess, processLauncher } from './launch.js';
export type { ArmEpoch, ArmEvents, ArmLauncher, ArmOrder, ArmSetup } from './launcher.js';
export { reportFiles, writeReport } from './report/study-report.js';
export { type SummaryTable, summaryTable } from './report/summary-table.js';
export type { ArmResult, EpochResult, FreezeSummary, Machine, Spread, StudyResults } from './result-types.js';
export { readResults } from './results.js';
export { dataOfArm, runArm } from './run-arm.js';
export type { Sample } from './samples.js';
export { type Arm, isStudy, readStudy, type Study } from './study.js';
export { formatDuration, formatMap, formatMemory, formatPercent, formatSpread } from './words.js';

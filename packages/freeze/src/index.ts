export {
  describeFreeze,
  describeLrScales,
  describeStage,
  describeUnfreezing,
  freshFrozenWarning,
  type ScaledTensors,
  type SizedParameter,
  type StageChange,
  scaledTensors,
  stageChange,
} from './describe.js';
export { FreezeError, type SelectingFlag } from './errors.js';
export { type LrFactors, type LrScale, parseLrScales, resolveLrScales } from './lr-scale.js';
export { layerOf, type NamedParameter, type Sections } from './match.js';
export {
  batchNormMode,
  type FreezeGroup,
  type FreezeOptions,
  type FreezePolicy,
  type FrozenBatchNorm,
  resolveFreeze,
} from './policy.js';
export { type FreezeStage, parseUnfreeze, resolveStages, stageIndex, type UnfreezeStep } from './schedule.js';
export { type FreezeSelector, type FreezeTerm, parseFreeze } from './selector.js';

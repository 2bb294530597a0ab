export { describeFreeze, type SizedParameter } from './describe.js';
export { FreezeError } from './errors.js';
export { layerOf, type NamedParameter, type Sections } from './match.js';
export {
  batchNormMode,
  type FreezeGroup,
  type FreezeOptions,
  type FreezePolicy,
  type FrozenBatchNorm,
  resolveFreeze,
} from './policy.js';
export { type FreezeSelector, type FreezeTerm, parseFreeze } from './selector.js';

export { type FakeGpu, fakeH100, fakeNvidiaSmi } from './fake-nvidia-smi.js';
export {
  type GoldenArray,
  goldensTitle,
  noGoldens,
  norm,
  readArrays,
  readJson,
  relativeError,
  sharedArrays,
  sharedJson,
} from './goldens.js';
export { propertySeed } from './seed.js';
export { noShared, sharedNote, sharedPath } from './shared.js';

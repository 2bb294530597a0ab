export {
  type GoldenArray,
  goldensTitle,
  noGoldens,
  readArrays,
  readJson,
  relativeError,
  sharedArrays,
  sharedJson,
} from './goldens.js';

export { crc32 } from './crc32.js';
export { fnv1a } from './hash.js';
export { numel, roundHalfEven } from './numbers.js';
export { mulberry32 } from './random.js';
export { sha256 } from './sha256.js';

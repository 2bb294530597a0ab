export { cacheDir } from './cache-dir.js';
export { readCheckpointFile } from './files.js';
export { RELEASE_URL, RELEASES, type Release } from './releases.js';
export { type DownloadProgress, type ResolveOptions, resolveWeights } from './resolve.js';

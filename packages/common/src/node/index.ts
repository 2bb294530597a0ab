export { type FileContent, writeAtomic, writeTogether } from './atomic.js';
export { removeUnfinished, temporaryName } from './unfinished.js';

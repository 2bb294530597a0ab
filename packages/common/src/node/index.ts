export { type FileContent, writeAtomic, writeTogether } from './atomic.js';
export { isRunning } from './is-running.js';
export { removeUnfinished, temporaryName } from './unfinished.js';

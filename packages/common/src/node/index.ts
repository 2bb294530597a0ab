export { type FileContent, streamAtomic, writeAtomic, writeTogether } from './atomic.js';
export { isRunning } from './is-running.js';
export { type GpuFigures, nvidiaSmi } from './nvidia-smi.js';
export { removeUnfinished, temporaryName } from './unfinished.js';

export { type FileContent, streamAtomic, writeAtomic, writeTogether } from './atomic.js';
export { chunksOf } from './chunks.js';
export { endWithParent } from './end-with-parent.js';
export { isRunning } from './is-running.js';
export { makeFolder } from './make-folder.js';
export { driverCuda, type GpuFigures, nvidiaSmi, nvidiaSmiTexts } from './nvidia-smi.js';
export { peakMemory } from './peak-memory.js';
export { removeUnfinished, temporaryName } from './unfinished.js';
export { driverGpu, visibleGpus } from './visible-gpus.js';

export { createTfjsExecutor, type TfjsExecutorOptions } from './executor.js';
export type { TfEngine, TfRuntime, TfTensor } from './runtime.js';

export type { ImageFormat } from './context.js';
export { createTensorflowExecutor, type TensorflowExecutorOptions } from './executor.js';
export { exportSavedModel, temporaryFolder } from './files.js';
export type { TfNodeRuntime } from './runtime.js';
export { type SavedModelOptions, toSavedModel } from './saved-model.js';

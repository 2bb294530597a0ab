export type { ImageFormat } from './context.js';
export { createTensorflowExecutor, type TensorflowExecutorOptions } from './executor.js';
export { exportSavedModel, temporaryFolder } from './files.js';
export { attr, type GraphBuilder, TF_TYPE, type TfType } from './graph-builder.js';
export { type LoweredGraph, lowerToGraphDef } from './graph-def.js';
export {
  type AttrValue,
  encodeGraphDef,
  encodeSavedModel,
  GRAPH_VERSION,
  type NodeDef,
  type TensorInfo,
} from './proto.js';
export type { TfNodeRuntime } from './runtime.js';
export { infoOf, type SavedModelOptions, toSavedModel } from './saved-model.js';

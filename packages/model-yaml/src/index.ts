export { ARCHITECTURES, type ArchitectureName, architectureYaml } from './architectures.js';
export type { Arguments } from './arguments.js';
export { DETECT } from './detect.js';
export { ModelYamlError } from './errors.js';
export type { BuiltHead, HeadModule } from './head.js';
export { initialize } from './initialize.js';
export { formatLayerTable, type LayerTableOptions } from './layer-table.js';
export type { Literal } from './literal.js';
export {
  buildModel,
  type ForwardOptions,
  type ForwardResult,
  type LayerInfo,
  type Model,
} from './model.js';
export type { BuiltModule, LayerContext, ModuleSpec } from './module-spec.js';
export { outputConv } from './nn/conv.js';
export {
  BATCH_NORM_EPS,
  BATCH_NORM_MOMENTUM,
  type BufferInfo,
  type Forward,
  type ModuleAttribute,
  type ModuleInfo,
  type ParameterInfo,
  type ParameterRole,
  type Run,
  type Scope,
} from './nn/scope.js';
export { type Recognized, recognizeArchitecture } from './recognize.js';
export { type LayerSpec, type ModelSpec, type ParseOptions, parseModelYaml } from './spec.js';

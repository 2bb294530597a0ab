export type { Checkpoint, OptimiserState } from './checkpoint.js';
export { CheckpointError } from './errors.js';
export type { JsonObject, JsonValue } from './json.js';
export {
  float32Tensor,
  numel,
  type TensorData,
  type TensorDtype,
  type TypedArray,
  toFloat16,
  toFloat32,
} from './tensor.js';
export { loadTorchCheckpoint } from './torch/checkpoint.js';

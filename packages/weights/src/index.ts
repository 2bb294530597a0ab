export type { Checkpoint, OptimizerState } from './checkpoint.js';
export { readCheckpoint, writeCheckpoint } from './checkpoint-format.js';
export { CheckpointError } from './errors.js';
export type { JsonObject, JsonValue } from './json.js';
export { checkDetector } from './kind.js';
export { loadCheckpoint } from './load.js';
export { type ExpectedTensor, matchTensors, type TensorMatch } from './match.js';
export type { PyValue } from './pickle/writer.js';
export { readSafetensors, type Safetensors, writeSafetensors } from './safetensors.js';
export {
  float32Tensor,
  type TensorData,
  type TensorDtype,
  type TypedArray,
  toFloat16,
  toFloat32,
} from './tensor.js';
export { loadTorchCheckpoint } from './torch/checkpoint.js';
export { fromJson, type TorchModule, TorchWriter, writeStateDict } from './torch/write.js';

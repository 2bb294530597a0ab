export { createOnnxExecutor, type OnnxExecutorOptions, type OrtRuntime } from './executor.js';
export { type OnnxModel, type OnnxOptions, outputName, toOnnx } from './to-onnx.js';

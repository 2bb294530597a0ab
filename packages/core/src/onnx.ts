export { createOnnxExecutor, type OnnxExecutorOptions } from './executors/onnx/executor.js';
export type { OrtRuntime } from './executors/onnx/ort.js';
export { analyzeProgram, type ProgramAnalysis } from './executors/onnx/plan/analyze.js';
export { symbolsOf } from './executors/onnx/plan/bind-graph.js';
export { type OnnxModel, type OnnxOptions, outputName, toOnnx } from './executors/onnx/to-onnx.js';
export { addWork, scaleWork, timeOf, type Work, type WorkRates } from './executors/onnx/work.js';

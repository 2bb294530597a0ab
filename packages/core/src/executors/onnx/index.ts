export { analyzeProgram, type ProgramAnalysis } from '../../analysis/analyze.js';
export { symbolsOf } from '../../analysis/bind-graph.js';
export { addWork, scaleWork, timeOf, type Work, type WorkRates } from '../../analysis/work.js';
export { createOnnxExecutor, type OnnxExecutorOptions, type OrtRuntime } from './executor.js';
export { type OnnxModel, type OnnxOptions, outputName, toOnnx } from './to-onnx.js';

export { ExportError } from './errors.js';
export { type ExportedFile, type ExportOptions, exportModel } from './export-model.js';
export { FORMATS, type Format } from './formats.js';
export { namesLiteral, parseNames } from './onnx/metadata.js';
export type { NmsOptions } from './onnx/nms.js';
export { type CalibrationOptions, quantizeOnnx } from './onnx/quantize.js';
export { type OnnxOptions, writeOnnx } from './onnx/write.js';
export { writeSavedModel } from './tensorflow/saved-model.js';
export { writeTorchCheckpoint } from './torch/checkpoint.js';

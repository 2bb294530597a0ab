export { ExportError } from './errors.js';
export { writeTorchCheckpoint } from './torch/checkpoint.js';

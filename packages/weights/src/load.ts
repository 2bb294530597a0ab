import type { Checkpoint } from './checkpoint.js';
import { readCheckpoint } from './checkpoint-format.js';
import { CheckpointError } from './errors.js';
import { looksLikeSafetensors } from './safetensors.js';
import { loadTorchCheckpoint } from './torch/checkpoint.js';

/** Files of networks that other programs run, without what training needs to continue. */
const EXPORTED = /\.(onnx|pb|json|tflite|engine|torchscript|mlmodel)$/i;

/**
 * Reads a checkpoint of either format, told apart by its bytes: a PyTorch `.pt` or a safetensors file. `fileName` is only
 * for messages. Throws a `CheckpointError`.
 */
export function loadCheckpoint(bytes: Uint8Array, fileName?: string): Checkpoint {
  if (fileName !== undefined && EXPORTED.test(fileName))
    throw new CheckpointError(
      'An exported network is no checkpoint',
      fileName,
      'Pass the .pt or .safetensors file that it was made of.',
    );
  try {
    // A zip archive begins with "PK"; no safetensors header is as long as those bytes would claim with a "{" after them.
    const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
    const checkpoint =
      !isZip && looksLikeSafetensors(bytes) ? readCheckpoint(bytes) : loadTorchCheckpoint(bytes);
    return fileName === undefined ? checkpoint : { ...checkpoint, file: fileName };
  } catch (error) {
    if (!(error instanceof CheckpointError) || fileName === undefined) throw error;
    throw new CheckpointError(error.what, `${fileName}: ${error.where}`, error.advice, { cause: error });
  }
}

/** Checkpoint files. */
import { extname } from 'node:path';
import { readBounded, reasonOf } from '@froyolo/data/node';
import { ExportError, readOnnxDetector } from '@froyolo/export';
import type { Checkpoint } from '@froyolo/weights';
import { readCheckpointFile, resolveWeights } from '@froyolo/weights/node';
import { type Detector, detectorFromCheckpoint } from '@froyolo/yolo';
import type { LoadOptions } from '../host.js';

/** Protocol buffers hold no more. */
const LARGEST_ONNX = 2 ** 31;

/** Reads a checkpoint file, or the official one of that name, which is downloaded into the cache when it isn't there. */
export async function loadCheckpoint(
  weights: string,
  { signal, onDownload, onWarning }: LoadOptions = {},
): Promise<Checkpoint> {
  const path = await resolveWeights(weights, {
    ...(signal ? { signal } : {}),
    onWarning: (text) => onWarning?.(text),
    onProgress: ({ received, total }) => onDownload?.(received, total),
  });
  return readCheckpointFile(path);
}

/** The detector in a file (`.pt`, `.safetensors`, `.onnx`), or the official one of a name such as `yolov5n.pt`. */
export async function loadDetector(weights: string, options: LoadOptions = {}): Promise<Detector> {
  if (extname(weights) === '.onnx') {
    const path = await resolveWeights(weights);
    const bytes = await readBounded(path, LARGEST_ONNX).catch((error: unknown) => {
      throw new ExportError(`${path}: can't be read: ${reasonOf(error)}`);
    });
    return readOnnxDetector(bytes, path);
  }
  return detectorFromCheckpoint(await loadCheckpoint(weights, options));
}

/** Checkpoint files. */
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { readOnnxDetector } from '@froyolo/export';
import type { Checkpoint } from '@froyolo/weights';
import { readCheckpointFile, resolveWeights } from '@froyolo/weights/node';
import { type Detector, detectorFromCheckpoint } from '@froyolo/yolo';
import type { LoadOptions } from '../host.js';

/** Reads a checkpoint file, or the official one of that name, which is downloaded into the cache when it isn't there. */
export async function loadCheckpoint(
  weights: string,
  { signal, onDownload }: LoadOptions = {},
): Promise<Checkpoint> {
  const path = await resolveWeights(weights, {
    ...(signal ? { signal } : {}),
    onProgress: ({ received, total }) => onDownload?.(received, total),
  });
  return readCheckpointFile(path);
}

/** The detector in a file (`.pt`, `.safetensors`, `.onnx`), or the official one of a name such as `yolov5n.pt`. */
export async function loadDetector(weights: string, options: LoadOptions = {}): Promise<Detector> {
  if (extname(weights) === '.onnx') {
    const path = await resolveWeights(weights);
    return readOnnxDetector(await readFile(path), path);
  }
  return detectorFromCheckpoint(await loadCheckpoint(weights, options));
}

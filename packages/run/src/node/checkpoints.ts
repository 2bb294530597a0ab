/** Checkpoint files. */
import { stat } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { readBounded, reasonOf } from '@froyolo/data/node';
import { ExportError, readGraphModelDetector, readOnnxDetector } from '@froyolo/export';
import type { Checkpoint } from '@froyolo/weights';
import { readCheckpointFile, resolveWeights } from '@froyolo/weights/node';
import { type Detector, detectorFromCheckpoint, ensembleOf, type NamedDetector } from '@froyolo/yolo';
import type { LoadOptions } from '../host.js';

/** Protocol buffers hold no more. */
const LARGEST_EXPORT = 2 ** 31;

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

/**
 * The detector in a file (`.pt`, `.safetensors`, `.onnx`, `model.json` of TensorFlow.js or its folder), or the official
 * one of a name such as `yolov5n.pt`. Several files are an ensemble.
 */
export async function loadDetector(
  weights: string | readonly string[],
  options: LoadOptions = {},
): Promise<Detector> {
  const files = [weights].flat();
  if (files.length === 1) return loadOne(files[0] ?? '', options);
  const members: NamedDetector[] = [];
  for (const file of files) members.push({ file, detector: await loadOne(file, options) });
  return ensembleOf(members, (text) => options.onWarning?.(text));
}

async function loadOne(weights: string, options: LoadOptions): Promise<Detector> {
  const model = await graphModelPath(weights);
  if (model !== undefined) return readGraphModel(model);
  if (extname(weights) !== '.onnx') return detectorFromCheckpoint(await loadCheckpoint(weights, options));
  const file = await resolveWeights(weights);
  return readOnnxDetector(await readExport(file), file);
}

/** Path of `model.json`, where `weights` are a TensorFlow.js model. */
async function graphModelPath(weights: string): Promise<string | undefined> {
  const found = await stat(weights).catch(() => undefined);
  if (found?.isDirectory()) {
    const model = join(weights, 'model.json');
    if ((await stat(model).catch(() => undefined))?.isFile()) return model;
    const best = join(weights, 'weights', 'best.safetensors');
    throw new ExportError(
      (await stat(best).catch(() => undefined))
        ? `${weights} is the folder of a run: its detector is ${best}`
        : `${weights} is a folder without model.json: of folders, those of TensorFlow.js models are read, a SavedModel is not`,
    );
  }
  return found && extname(weights) === '.json' ? weights : undefined;
}

async function readGraphModel(path: string): Promise<Detector> {
  const json = new TextDecoder().decode(await readExport(path));
  return readGraphModelDetector(json, (name) => readExport(join(dirname(path), name)), path);
}

/** @throws ExportError when the file can't be read or is larger than any export */
function readExport(path: string): Promise<Uint8Array> {
  return readBounded(path, LARGEST_EXPORT).catch((error: unknown) => {
    throw new ExportError(`${path}: can't be read: ${reasonOf(error)}`);
  });
}

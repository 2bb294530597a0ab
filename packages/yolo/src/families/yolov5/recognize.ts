/** Bare tensors of an official architecture. */
import { recognizeArchitecture } from '@froyolo/model-yaml';
import { type Checkpoint, type TensorData, toFloat32 } from '@froyolo/weights';
import type { Architecture } from '../../family.js';

/** The official architecture that tensors fit, with the anchors that lie among them. */
export function recognizeYolov5(tensors: Checkpoint['tensors']): Architecture | undefined {
  const known = recognizeArchitecture(tensors);
  if (!known) return undefined;
  const { yaml, numClasses, strides, anchors } = known;
  return { yaml, numClasses, anchors: inPixels(tensors.get(anchors), strides) };
}

/** Anchors of each level, `[w, h, w, h, …]`, from the buffer `[levels, anchors, 2]` in cells. */
function inPixels(buffer: TensorData | undefined, strides: readonly number[]): number[][] {
  const cells = buffer ? toFloat32(buffer) : new Float32Array(0);
  const perLevel = cells.length / strides.length;
  return strides.map((stride, level) =>
    Array.from(cells.subarray(level * perLevel, (level + 1) * perLevel), (size) => size * stride),
  );
}

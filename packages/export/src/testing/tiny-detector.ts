/** A small detector with fresh weights, for tests. */
import { numel } from '@froyolo/common';
import { architectureYaml } from '@froyolo/model-yaml';
import { createDetector, type Detector } from '@froyolo/yolo';

export function tinyDetector(names: readonly string[] = ['cat', 'dog']): Detector {
  const yaml = architectureYaml('yolov5n').replace('width_multiple: 0.25', 'width_multiple: 0.02');
  return createDetector(yaml, { names, seed: 1 });
}

/** Values in 0..1, the same each time. */
export function pseudoImage(shape: readonly number[]): Float32Array {
  const count = numel(shape);
  return Float32Array.from({ length: count }, (_, i) => ((i * 7919) % 1009) / 1009);
}

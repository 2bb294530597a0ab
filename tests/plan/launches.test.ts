import { type Graph, summarizeLaunches } from '@froyolo/core';
import { hypPresets } from '@froyolo/data';
import { architectureYaml } from '@froyolo/model-yaml';
import { buildTrainingStep, createDetector, freezeFor } from '@froyolo/yolo';
import { describe, expect, test } from 'vitest';

const NAMES = Array.from({ length: 80 }, (_, i) => `class${i}`);
const SIZES = { batch: 16, matches: 512 };
const LIMITS = [
  { freeze: 0, most: 485 },
  { freeze: 10, most: 280 },
  { freeze: 24, most: 126 },
];

function stepOf(layers: number) {
  const detector = createDetector(architectureYaml('yolov5n'), { names: NAMES, seed: 0 });
  const freeze = freezeFor(detector, layers);
  return buildTrainingStep(detector, {
    hyp: hypPresets['scratch-low'],
    imgsz: 320,
    freeze,
    optimizer: 'SGD',
  });
}

const launchesOf = (graph: Graph) =>
  [...summarizeLaunches(graph).launches.values()].reduce((sum, n) => sum + n, 0);

describe.each(LIMITS)('a fused step of yolov5n at freeze $freeze', ({ freeze, most }) => {
  const { gradientGraph, updateGraph } = stepOf(freeze);

  test(`takes at most ${most} launches, gradients and update`, () => {
    expect(launchesOf(gradientGraph) + launchesOf(updateGraph)).toBeLessThanOrEqual(most);
  });

  test('moves few bytes beyond the least', () => {
    const { bytes, leastBytes } = summarizeLaunches(gradientGraph, SIZES);
    expect(bytes / leastBytes).toBeLessThanOrEqual(1.3);
  });

  test('gives back losses alone: parameters and the state of the optimizer stay where they are', () => {
    for (const { outputs, state = {} } of [gradientGraph, updateGraph]) {
      const returned = Object.entries(outputs).filter(([name]) => !(name in state));
      expect(returned.map(([name, { shape }]) => [name, shape])).toEqual(
        returned.map(([name]) => [name, []]),
      );
    }
  });
});

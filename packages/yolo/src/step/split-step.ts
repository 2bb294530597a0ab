/** A training step cut in two at its frozen prefix. */
import type { SplitGraph } from '@froyolo/core';
import type { Detector } from '../detector/detector.js';
import { splitGradientGraph } from './split-gradients.js';
import { boundGradientGraph, type TrainingStepOptions } from './step-graph.js';

/**
 * The gradient graph as a graph from images to features and one from features to gradients, both as they are before
 * any pass: `optimize` (of `@froyolo/core`) the one that is to run.
 * @throws TrainingError when features can't be cached with this freeze
 */
export function splitStep(detector: Detector, options: TrainingStepOptions): SplitGraph {
  return splitGradientGraph(boundGradientGraph(detector, options), options.freeze);
}

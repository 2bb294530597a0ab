/** A training step cut in two at its frozen prefix. */
import { type Graph, GraphError, type SplitGraph, splitPrefix } from '@froyolo/core';
import type { FreezePolicy } from '@froyolo/freeze';
import type { Detector } from '../detector/detector.js';
import { TrainingError } from '../train/errors.js';
import { buildGradientGraph, type TrainingStepOptions } from '../train/step-graph.js';

/**
 * The gradient graph as an inference graph from images to features and one from features to gradients.
 * @throws TrainingError when features of an image would not stay the same: nothing before the trained parameters is
 * frozen, or batch normalisation of frozen layers isn't
 */
export function splitStep(detector: Detector, options: TrainingStepOptions): SplitGraph {
  return splitGradientGraph(buildGradientGraph(detector, options), options.freeze);
}

/** The same for a gradient graph that is already there. */
export function splitGradientGraph(graph: Graph, { batchNorm, frozen, trainable }: FreezePolicy): SplitGraph {
  if (frozen.size === 0)
    throw new TrainingError('features can be cached only where layers are frozen: freeze some, such as 10');
  if (batchNorm !== 'eval')
    throw new TrainingError(
      `features can't be cached while batch normalisation of frozen layers is "${batchNorm}": ` +
        'their outputs change with every batch; choose "eval"',
    );
  try {
    return splitPrefix(graph, 'images', 'float16');
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    throw new TrainingError(
      `features can't be cached with this freeze: ${error.message} (the first that is trained is ` +
        `"${trainable[0]}"); freeze the first layers`,
      { cause: error },
    );
  }
}

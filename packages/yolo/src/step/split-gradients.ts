/** Where a gradient graph is cut in two, and when it can't be. */
import { type Graph, GraphError, type SplitGraph, splitPrefix } from '@froyolo/core';
import type { FreezePolicy } from '@froyolo/freeze';
import { TrainingError } from '../errors.js';

/** Whether features stay the same for as long as this is frozen, by what is known without a graph. */
export const canCacheFeatures = ({ freezeBn, layers }: FreezePolicy): boolean =>
  freezeBn === 'eval' && layers.includes(0);

/**
 * Splits a gradient graph behind what is frozen.
 * @throws TrainingError when features of an image would not stay the same: nothing before the trained parameters is
 * frozen, or batch normalization of frozen layers isn't
 */
export function splitGradientGraph(graph: Graph, { freezeBn, frozen, trainable }: FreezePolicy): SplitGraph {
  if (frozen.size === 0)
    throw new TrainingError('features can be cached only where layers are frozen: freeze some, such as 10');
  if (freezeBn !== 'eval')
    throw new TrainingError(
      `features can't be cached while batch normalization of frozen layers is "${freezeBn}": ` +
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

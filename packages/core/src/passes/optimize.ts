import type { Graph } from '../graph/node.js';
import { foldBatchNorm } from './fold-batch-norm.js';
import { foldConstants } from './fold-constants.js';
import { foldInputScale } from './fold-input-scale.js';
import { fuseChannelAffine } from './fuse-channel-affine.js';
import type { Pass } from './rewrite.js';
import { shareSubexpressions } from './share-subexpressions.js';
import { simplify } from './simplify.js';

/** In the order in which they feed each other. */
const PASSES: readonly Pass[] = [
  simplify,
  foldConstants,
  // Before foldBatchNorm, whose weights are no constants until they are computed.
  foldInputScale,
  foldBatchNorm,
  fuseChannelAffine,
  simplify,
  foldConstants,
  shareSubexpressions,
];

/**
 * The same values with less work. Build gradients and bind constants (`bindConstants`) before: an optimized graph
 * can be run and exported, not differentiated.
 */
export function optimize(graph: Graph): Graph {
  return PASSES.reduce((current, pass) => pass(current), graph);
}

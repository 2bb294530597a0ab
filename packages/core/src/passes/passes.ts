import { foldBatchNorm } from './fold-batch-norm.js';
import { foldConstants } from './fold-constants.js';
import { foldInputScale } from './fold-input-scale.js';
import { fuseChannelAffine } from './fuse-channel-affine.js';
import type { Pass } from './rewrite.js';
import { shareSubexpressions } from './share-subexpressions.js';
import { simplify } from './simplify.js';

/** A pass with the name under which it is traced. */
export interface NamedPass {
  readonly name: string;
  readonly pass: Pass;
}

/** Passes of `optimize`, in the order in which they feed each other. */
export const PASSES: readonly NamedPass[] = [
  { name: 'simplify', pass: simplify },
  { name: 'foldConstants', pass: foldConstants },
  // Before foldBatchNorm, whose weights are no constants until they are computed.
  { name: 'foldInputScale', pass: foldInputScale },
  { name: 'foldBatchNorm', pass: foldBatchNorm },
  { name: 'fuseChannelAffine', pass: fuseChannelAffine },
  { name: 'simplify', pass: simplify },
  { name: 'foldConstants', pass: foldConstants },
  { name: 'shareSubexpressions', pass: shareSubexpressions },
];

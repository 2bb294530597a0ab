export { gradients } from './autodiff/gradients.js';
export { debug, debugLevel } from './debug.js';
export { bindSizes, type Fed } from './executors/bind-sizes.js';
export { type AsyncResource, disposable } from './executors/disposable.js';
export type { Executor, FilterOrder, GraphModel, Program, Store } from './executors/executor.js';
export { createInterpreter, interpret } from './executors/interpreter/interpret.js';
export type { OpTime } from './executors/op-times.js';
export { type LaunchSummary, launchesText, summarizeLaunches } from './fusion/summary.js';
export { toFloat16, toFloat32 } from './graph/float16.js';
export {
  type Attrs,
  constant,
  type Dim,
  type DType,
  type Graph,
  GraphError,
  input,
  type Node,
  param,
  type Shape,
  scalar,
  type Tensor,
  tensor,
  topologicalOrder,
} from './graph/node.js';
export { type OpCount, opCounts } from './graph/op-counts.js';
export { nodeText, tensorText } from './graph/text.js';
export { toDot } from './inspect/dot.js';
export { type OpSummary, printGraph, summarize } from './inspect/print.js';
export { type Traffic, trafficOf, trafficText } from './inspect/traffic.js';
export {
  type BatchNormMode,
  type BatchNormParams,
  type BatchNormResult,
  batchNorm,
  movedTowards,
} from './nn/batch-norm.js';
export { type BceOptions, backgroundBce, bceWithLogits } from './nn/bce.js';
export { flopsOf } from './ops/apply.js';
export type { ConvOptions, Operand, PoolOptions } from './ops/build.js';
export { ops } from './ops/index.js';
export type { OpKind } from './ops/op.js';
export { isOp, type OpNode } from './ops/op-node.js';
export { fixedShape, sameShape } from './ops/shapes.js';
export { OPS, type OpName } from './ops/table.js';
export {
  type FlatVector,
  flatVector,
  joinNodes,
  packValues,
  partNodes,
  unpackValues,
} from './optim/flat.js';
export { LOSS_SCALE, unscaleGradients } from './optim/loss-scale.js';
export { countsUpdates, type OptimizerName, type ParameterGroup } from './optim/optimizers.js';
export { parameterVectors } from './optim/parameter-vectors.js';
export { cosineFactor, emaDecay, linearFactor, ramp } from './optim/schedule.js';
export {
  accumulate,
  buildUpdate,
  clipByGlobalNorm,
  initialState,
  type NamedShape,
  type Parameter,
  parameterGroup,
  type UpdateOptions,
  type UpdateSettings,
  updateFeeds,
} from './optim/update.js';
export {
  isWhitening,
  type LinearLayer,
  linearLayers,
  measureWhitening,
  momentGraph,
  unwhitened,
  whitening,
  whiteningOf,
} from './optim/whitening.js';
export { bindConstants } from './passes/bind-constants.js';
export { chain } from './passes/chain.js';
export { foldBatchNorm } from './passes/fold-batch-norm.js';
export { foldConstants } from './passes/fold-constants.js';
export { foldInputScale } from './passes/fold-input-scale.js';
export { fuseChannelAffine } from './passes/fuse-channel-affine.js';
export { mixedPrecision } from './passes/mixed-precision.js';
export { optimize } from './passes/optimize.js';
export { type Pass, type Replace, rewrite } from './passes/rewrite.js';
export { shareSubexpressions } from './passes/share-subexpressions.js';
export { simplify } from './passes/simplify.js';
export { type CutTensor, type SplitGraph, splitPrefix } from './passes/split-prefix.js';
export { type OpChange, type PassTrace, passTraceText, tracePasses } from './passes/trace.js';

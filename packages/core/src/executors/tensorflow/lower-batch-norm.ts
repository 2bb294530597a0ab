/** The ops of `fuseBatchNorm`. */
import type { Context, OwnLowering } from './context.js';
import { BATCH_NORM_OPS } from './fuse-batch-norm.js';
import { attr } from './graph-builder.js';
import type { AttrValue } from './proto.js';

const attrsOf = (context: Context, eps: number): Record<string, AttrValue> => ({
  U: attr.type('float32'),
  epsilon: attr.float(eps),
  data_format: attr.string(context.format),
  is_training: attr.bool(true),
});

/** Another output of the node whose first output a value is. */
const output =
  (index: number): OwnLowering =>
  (context, node, [first]) =>
    context.value(`${first.name}:${index}`, node);

const forward: OwnLowering = (context, node, [x, weight, bias]) => {
  const none = context.builder.floats([]);
  const [scale, offset] = [weight, bias].map((value) => context.plain(value));
  const inputs = [context.in(x, context.image), scale, offset, none, none];
  const y = context.emit('FusedBatchNormV3', inputs, x.dtype, attrsOf(context, node.attrs.eps as number));
  return context.value(y, node, context.image);
};

const backward: OwnLowering = (context, node, [dy, x, weight, y]) => {
  const images = [dy, x].map((value) => context.in(value, context.image));
  const kept = [3, 4, 5].map((index) => `${y.name}:${index}`);
  const inputs = [...images, context.plain(weight), ...kept];
  const attrs = attrsOf(context, node.attrs.eps as number);
  return context.value(context.emit('FusedBatchNormGradV3', inputs, x.dtype, attrs), node, context.image);
};

export const BATCH_NORM_LOWERINGS: Readonly<Record<string, OwnLowering>> = {
  [BATCH_NORM_OPS.forward]: forward,
  [BATCH_NORM_OPS.mean]: output(1),
  [BATCH_NORM_OPS.variance]: output(2),
  [BATCH_NORM_OPS.backward]: backward,
  [BATCH_NORM_OPS.weight]: output(1),
  [BATCH_NORM_OPS.bias]: output(2),
};

/** The module library: every module an architecture can name before its head is one entry of one table. */
import { type Node, ops } from '@froyolo/core';
import type { Arguments } from './arguments.js';
import type { Literal } from './literal.js';
import type { Activation } from './nn/activations.js';
import {
  bottleneck,
  bottleneckCsp,
  type ConvBlockOptions,
  c3,
  conv,
  focus,
  ghostBottleneck,
  ghostConv,
  type ResidualOptions,
  sequential,
  spp,
  sppf,
} from './nn/blocks.js';
import type { Forward, Run, Scope } from './nn/scope.js';
import { transformerBlock } from './nn/transformer.js';
import type { ModelSpec } from './spec.js';

/** What a module knows of its layer. */
export interface LayerContext {
  readonly scope: Scope;
  /** Channels of each input. */
  readonly inputs: readonly number[];
  readonly args: Arguments;
  /** After the depth multiple. */
  readonly repeats: number;
  readonly act: Activation;
  /** Channels after the width multiple. */
  width(channels: number): number;
  readonly spec: ModelSpec;
}

export interface BuiltModule {
  readonly outChannels: number;
  /** As the layer table prints them. */
  readonly args: readonly Literal[];
  /** One node, or for a head one per level. */
  forward(xs: readonly Node[], run: Run): Node | readonly Node[];
}

export interface ModuleSpec {
  /** As the layer table prints it. */
  readonly type: string;
  build(context: LayerContext): BuiltModule;
}

type BlockBuilder = (scope: Scope, c1: number, c2: number, context: LayerContext) => Forward;

/** A block whose first argument is its output channels. Repeats make a sequence, or are one of its own arguments. */
function block(type: string, build: BlockBuilder, ownRepeats = false): ModuleSpec {
  return {
    type,
    build(context) {
      const { args, scope, repeats } = context;
      const c1 = oneInput(context);
      const c2 = context.width(args.int(0, 'channels'));
      const forward = ownRepeats
        ? build(scope, c1, c2, context)
        : repeated(scope, repeats, (s) => build(s, c1, c2, context));
      const printed = [c1, c2, ...(ownRepeats ? [repeats] : []), ...args.all.slice(1)];
      return { outChannels: c2, args: printed, forward: (xs, run) => forward(xs[0], run) };
    },
  };
}

/** A module that keeps the number of channels. */
function plain(type: string, build: (context: LayerContext) => Forward): ModuleSpec {
  return {
    type,
    build(context) {
      const channels = oneInput(context);
      const forward = repeated(context.scope, context.repeats, (scope) => build({ ...context, scope }));
      return { outChannels: channels, args: context.args.all, forward: (xs, run) => forward(xs[0], run) };
    },
  };
}

function oneInput({ inputs, args }: LayerContext): number {
  if (inputs.length !== 1) throw args.error(`reads one layer, "from" names ${inputs.length}`);
  return inputs[0];
}

const repeated = (scope: Scope, repeats: number, build: (scope: Scope) => Forward): Forward =>
  repeats === 1 ? build(scope) : sequential(scope, repeats, build);

/** Arguments after the channels: kernel, stride, pad, groups. */
function convOptions(args: Arguments): ConvBlockOptions {
  return {
    kernel: args.int(1, 'kernel', 1),
    stride: args.int(2, 'stride', 1),
    pad: args.optionalInt(3, 'pad'),
    groups: args.int(4, 'groups', 1),
  };
}

/** Arguments after the channels: shortcut, groups, expansion. */
function residualOptions(args: Arguments): ResidualOptions {
  return {
    shortcut: args.boolean(1, 'shortcut', true),
    groups: args.int(2, 'groups', 1),
    expansion: args.number(3, 'expansion', 0.5),
  };
}

/** Of C3TR, in every size of network. */
const ATTENTION_HEADS = 4;

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

export const MODULES: Readonly<Record<string, ModuleSpec>> = {
  Conv: block('models.common.Conv', (scope, c1, c2, { args, act }) =>
    conv(scope, c1, c2, args.activation(6, act), {
      ...convOptions(args),
      dilation: args.int(5, 'dilation', 1),
    }),
  ),
  DWConv: block('models.common.DWConv', (scope, c1, c2, { args, act }) =>
    conv(scope, c1, c2, args.activation(4, act), {
      kernel: args.int(1, 'kernel', 1),
      stride: args.int(2, 'stride', 1),
      dilation: args.int(3, 'dilation', 1),
      groups: gcd(c1, c2),
    }),
  ),
  Focus: block('models.common.Focus', (scope, c1, c2, { args, act }) =>
    focus(scope, c1, c2, args.activation(5, act), convOptions(args)),
  ),
  Bottleneck: block('models.common.Bottleneck', (scope, c1, c2, { args, act }) =>
    bottleneck(scope, c1, c2, act, residualOptions(args)),
  ),
  BottleneckCSP: block(
    'models.common.BottleneckCSP',
    (scope, c1, c2, { args, act, repeats }) =>
      bottleneckCsp(scope, c1, c2, act, repeats, residualOptions(args)),
    true,
  ),
  C3: block(
    'models.common.C3',
    (scope, c1, c2, { args, act, repeats }) => {
      const { shortcut, groups, expansion } = residualOptions(args);
      return c3(scope, c1, c2, act, expansion, (m, hidden) =>
        sequential(m, repeats, (s) => bottleneck(s, hidden, hidden, act, { shortcut, groups, expansion: 1 })),
      );
    },
    true,
  ),
  C3Ghost: block(
    'models.common.C3Ghost',
    (scope, c1, c2, { args, act, repeats }) =>
      c3(scope, c1, c2, act, residualOptions(args).expansion, (m, hidden) =>
        sequential(m, repeats, (s) => ghostBottleneck(s, hidden, hidden, act)),
      ),
    true,
  ),
  C3TR: block(
    'models.common.C3TR',
    (scope, c1, c2, { args, act, repeats }) =>
      c3(scope, c1, c2, act, residualOptions(args).expansion, (m, hidden) => {
        if (hidden % ATTENTION_HEADS !== 0)
          throw args.error(
            `${hidden} hidden channels can't be divided among ${ATTENTION_HEADS} attention heads`,
          );
        return transformerBlock(m, hidden, ATTENTION_HEADS, repeats);
      }),
    true,
  ),
  GhostConv: block('models.common.GhostConv', (scope, c1, c2, { args, act }) =>
    ghostConv(scope, c1, c2, args.activation(4, act), {
      kernel: args.int(1, 'kernel', 1),
      stride: args.int(2, 'stride', 1),
      groups: args.int(3, 'groups', 1),
    }),
  ),
  GhostBottleneck: block('models.common.GhostBottleneck', (scope, c1, c2, { args, act }) =>
    ghostBottleneck(scope, c1, c2, act, args.int(1, 'kernel', 3), args.int(2, 'stride', 1)),
  ),
  SPP: block('models.common.SPP', (scope, c1, c2, { args, act }) =>
    spp(scope, c1, c2, act, args.ints(1, 'kernels', [5, 9, 13])),
  ),
  SPPF: block('models.common.SPPF', (scope, c1, c2, { args, act }) =>
    sppf(scope, c1, c2, act, args.int(1, 'kernel', 5)),
  ),
  'nn.Upsample': plain('torch.nn.modules.upsampling.Upsample', ({ args }) => {
    args.only(0, 'size', null);
    args.only(2, 'mode', 'nearest');
    const scale = args.int(1, 'scale');
    return (x) => ops.upsampleNearest2d(x, scale);
  }),
  'nn.MaxPool2d': plain('torch.nn.modules.pooling.MaxPool2d', ({ args }) => {
    const kernel = args.int(0, 'kernel');
    const options = { kernel, stride: args.int(1, 'stride', kernel), pad: args.int(2, 'pad', 0, 0) };
    return (x) => ops.maxPool2d(x, options);
  }),
  'nn.ZeroPad2d': plain('torch.nn.modules.padding.ZeroPad2d', ({ args }) => {
    const sides = args.ints(0, 'left, right, top, bottom', undefined, 0);
    if (sides.length !== 4) throw args.error('needs [left, right, top, bottom]');
    const [left, right, top, bottom] = sides;
    return (x) => ops.pad(ops.pad(x, 3, left, right), 2, top, bottom);
  }),
  'nn.BatchNorm2d': plain('torch.nn.modules.batchnorm.BatchNorm2d', ({ scope, inputs }) =>
    scope.batchNorm(inputs[0]),
  ),
  Concat: {
    type: 'models.common.Concat',
    build({ inputs, args }) {
      args.only(0, 'dimension', 1);
      return {
        outChannels: inputs.reduce((a, b) => a + b, 0),
        args: args.all,
        forward: (xs) => ops.concat(xs, 1),
      };
    },
  },
};

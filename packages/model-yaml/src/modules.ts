/** The module library: every module an architecture can name before its head is one entry of one table. */
import { ops } from '@froyolo/core';
import type { Arguments } from './arguments.js';
import {
  type BuiltModule,
  block,
  type LayerContext,
  type ModuleSpec,
  oneInput,
  plain,
  reshaping,
} from './module-spec.js';
import { ACTIVATIONS, activate } from './nn/activations.js';
import {
  bottleneck,
  bottleneckCsp,
  c3,
  contract,
  crossConv,
  expand,
  focus,
  ghostBottleneck,
  ghostConv,
  maxPool,
  type ResidualOptions,
  sequential,
  spp,
  sppf,
} from './nn/blocks.js';
import {
  type ConvOptions,
  conv,
  depthwiseConv,
  depthwiseTransposedConv,
  mixConv,
  plainConv,
  type TransposedOptions,
  transposedConv,
} from './nn/conv.js';
import { sum, upsample, zeroPad } from './nn/plain.js';
import { transformerBlock } from './nn/transformer.js';

/** Arguments after the channels: kernel, stride, pad, groups. */
function convOptions(args: Arguments): ConvOptions {
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

/** Arguments of a transposed convolution after the channels: kernel, stride, padding, padding of the output. */
function transposedWindow(
  args: Arguments,
): Pick<TransposedOptions, 'kernel' | 'stride' | 'pad' | 'outputPad'> {
  const stride = args.int(2, 'stride', 1);
  const outputPad = args.int(4, 'output padding', 0, 0);
  if (outputPad >= stride)
    throw args.error(`output padding ${outputPad} is not less than the stride, ${stride}`);
  return { kernel: args.int(1, 'kernel', 1), stride, pad: args.int(3, 'padding', 0, 0), outputPad };
}

/** Attention heads of C3TR, the same in every size of network. */
const ATTENTION_HEADS = 4;

export const MODULES: Readonly<Record<string, ModuleSpec>> = {
  Conv: block('models.common.Conv', (scope, c1, c2, { args, act }) =>
    conv(scope, c1, c2, args.activation(6, act), {
      ...convOptions(args),
      dilation: args.int(5, 'dilation', 1),
    }),
  ),
  DWConv: block('models.common.DWConv', (scope, c1, c2, { args, act }) =>
    depthwiseConv(scope, c1, c2, args.activation(4, act), {
      kernel: args.int(1, 'kernel', 1),
      stride: args.int(2, 'stride', 1),
      dilation: args.int(3, 'dilation', 1),
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
      return c3('models.common.C3', scope, c1, c2, act, expansion, (m, hidden) =>
        sequential(m, repeats, (s) => bottleneck(s, hidden, hidden, act, { shortcut, groups, expansion: 1 })),
      );
    },
    true,
  ),
  C3x: block(
    'models.common.C3x',
    (scope, c1, c2, { args, act, repeats }) => {
      const { shortcut, groups, expansion } = residualOptions(args);
      const options = { shortcut, groups, expansion: 1, kernel: 3, stride: 1 };
      return c3('models.common.C3x', scope, c1, c2, act, expansion, (m, hidden) =>
        sequential(m, repeats, (s) => crossConv(s, hidden, hidden, act, options)),
      );
    },
    true,
  ),
  C3SPP: block('models.common.C3SPP', (scope, c1, c2, { args, act }) =>
    c3('models.common.C3SPP', scope, c1, c2, act, args.number(5, 'expansion', 0.5), (m, hidden) =>
      spp(m, hidden, hidden, act, args.ints(1, 'kernels', [5, 9, 13])),
    ),
  ),
  CrossConv: block('models.common.CrossConv', (scope, c1, c2, { args, act }) =>
    crossConv(scope, c1, c2, act, {
      kernel: args.int(1, 'kernel', 3),
      stride: args.int(2, 'stride', 1),
      groups: args.int(3, 'groups', 1),
      expansion: args.number(4, 'expansion', 1),
      shortcut: args.boolean(5, 'shortcut', false),
    }),
  ),
  MixConv2d: block('models.experimental.MixConv2d', (scope, c1, c2, { args }) => {
    args.only(3, 'equal_ch', true);
    const kernels = args.ints(1, 'kernels', [1, 3]);
    return mixConv(scope, c1, c2, { kernels, stride: args.int(2, 'stride', 1) });
  }),
  C3Ghost: block(
    'models.common.C3Ghost',
    (scope, c1, c2, { args, act, repeats }) =>
      c3('models.common.C3Ghost', scope, c1, c2, act, residualOptions(args).expansion, (m, hidden) =>
        sequential(m, repeats, (s) => ghostBottleneck(s, hidden, hidden, act)),
      ),
    true,
  ),
  C3TR: block(
    'models.common.C3TR',
    (scope, c1, c2, { args, act, repeats }) =>
      c3('models.common.C3TR', scope, c1, c2, act, residualOptions(args).expansion, (m, hidden) => {
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
  DWConvTranspose2d: block('models.common.DWConvTranspose2d', (scope, c1, c2, { args }) =>
    depthwiseTransposedConv(scope, c1, c2, transposedWindow(args)),
  ),
  'nn.ConvTranspose2d': block('torch.nn.modules.conv.ConvTranspose2d', (scope, c1, c2, { args }) => {
    const groups = args.int(5, 'groups', 1);
    if (c1 % groups !== 0 || c2 % groups !== 0)
      throw args.error(`${c1} and ${c2} channels can't be divided into ${groups} groups`);
    return transposedConv(scope, c1, c2, {
      ...transposedWindow(args),
      groups,
      bias: args.boolean(6, 'bias', true),
      dilation: args.int(7, 'dilation', 1),
    });
  }),
  'nn.Conv2d': { type: 'torch.nn.modules.conv.Conv2d', build: buildPlainConv },
  'nn.Upsample': plain('torch.nn.modules.upsampling.Upsample', ({ scope, args }) => {
    args.only(0, 'size', null);
    args.only(2, 'mode', 'nearest');
    return upsample(scope, args.int(1, 'scale'));
  }),
  'nn.MaxPool2d': plain('torch.nn.modules.pooling.MaxPool2d', ({ scope, args }) => {
    const kernel = args.int(0, 'kernel');
    return maxPool(scope, { kernel, stride: args.int(1, 'stride', kernel), pad: args.int(2, 'pad', 0, 0) });
  }),
  'nn.ZeroPad2d': plain('torch.nn.modules.padding.ZeroPad2d', ({ scope, args }) => {
    const [left, right, top, bottom, ...rest] = args.ints(0, 'left, right, top, bottom', undefined, 0);
    if (left === undefined || right === undefined || top === undefined || bottom === undefined || rest.length)
      throw args.error('needs [left, right, top, bottom]');
    return zeroPad(scope, { left, right, top, bottom });
  }),
  'nn.BatchNorm2d': plain('torch.nn.modules.batchnorm.BatchNorm2d', ({ scope, inputs }) =>
    scope.batchNorm(inputs[0]),
  ),
  ...activationModules(),
  Contract: reshaping('models.common.Contract', contract, (channels, gain) => channels * gain ** 2),
  Expand: reshaping('models.common.Expand', expand, (channels, gain) => channels / gain ** 2),
  Sum: {
    type: 'models.experimental.Sum',
    build({ scope, inputs, args }) {
      if (new Set(inputs).size !== 1) throw args.error(`adds layers of ${inputs.join(', ')} channels`);
      const weighted = args.boolean(1, 'weight', false);
      return { outChannels: inputs[0], args: args.all, forward: sum(scope, inputs.length, weighted) };
    },
  },
  Concat: {
    type: 'models.common.Concat',
    build({ scope, inputs, args }) {
      args.only(0, 'dimension', 1);
      scope.module('models.common.Concat', { d: 1 });
      return {
        outChannels: inputs.reduce((a, b) => a + b, 0),
        args: args.all,
        forward: (xs) => ops.concat(xs, 1),
      };
    },
  },
};

/** Every activation as a layer of its own. */
function activationModules(): Record<string, ModuleSpec> {
  return Object.fromEntries(
    Object.entries(ACTIVATIONS).map(([name, create]) => [
      `nn.${name}`,
      plain(create().type, ({ scope, args }) =>
        activate(scope, create(name === 'LeakyReLU' ? args.number(0, 'slope', 0.01) : undefined)),
      ),
    ]),
  );
}

/** PyTorch's own convolution, with its arguments as they are: channels in and out, kernel, stride, padding, … */
function buildPlainConv(context: LayerContext): BuiltModule {
  const { args, scope } = context;
  const c1 = args.int(0, 'channels in');
  if (c1 !== oneInput(context))
    throw args.error(`argument 1 (channels in) is ${c1}, the layer before has ${context.inputs[0]}`);
  const outChannels = args.int(1, 'channels out');
  const options = {
    kernel: args.int(2, 'kernel'),
    stride: args.int(3, 'stride', 1),
    pad: args.int(4, 'padding', 0, 0),
    dilation: args.int(5, 'dilation', 1),
    groups: args.int(6, 'groups', 1),
  };
  const forward = plainConv(scope, c1, outChannels, options, args.boolean(7, 'bias', true));
  return { outChannels, args: args.all, forward: (xs, run) => forward(xs[0], run) };
}

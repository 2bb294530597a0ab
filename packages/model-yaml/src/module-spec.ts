/** What a module is, and the kinds that most modules are of. */
import type { Node } from '@froyolo/core';
import type { Arguments } from './arguments.js';
import type { Literal } from './literal.js';
import type { Activation } from './nn/activations.js';
import { sequential } from './nn/blocks.js';
import type { Forward, Run, Scope } from './nn/scope.js';
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
export function block(type: string, build: BlockBuilder, ownRepeats = false): ModuleSpec {
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
export function plain(type: string, build: (context: LayerContext) => Forward): ModuleSpec {
  return {
    type,
    build(context) {
      const channels = oneInput(context);
      const forward = repeated(context.scope, context.repeats, (scope) => build({ ...context, scope }));
      return { outChannels: channels, args: context.args.all, forward: (xs, run) => forward(xs[0], run) };
    },
  };
}

export function oneInput({ inputs, args }: LayerContext): number {
  if (inputs.length !== 1) throw args.error(`reads one layer, "from" names ${inputs.length}`);
  return inputs[0];
}

const repeated = (scope: Scope, repeats: number, build: (scope: Scope) => Forward): Forward =>
  repeats === 1 ? build(scope) : sequential(scope, repeats, build);

/** A module whose one argument is by how much each side of the image changes. */
export function reshaping(
  type: string,
  build: (scope: Scope, gain: number) => Forward,
  channelsAfter: (channels: number, gain: number) => number,
): ModuleSpec {
  return {
    type,
    build(context) {
      const gain = context.args.int(0, 'gain', 2);
      const outChannels = channelsAfter(oneInput(context), gain);
      if (!Number.isInteger(outChannels))
        throw context.args.error(`${context.inputs[0]} channels can't be divided by ${gain}²`);
      const forward = build(context.scope, gain);
      return { outChannels, args: context.args.all, forward: (xs, run) => forward(xs[0], run) };
    },
  };
}

/** Builds a model from its description: its named parameters and buffers, and its graph. */

import { numel, roundHalfEven } from '@froyolo/common';
import {
  type BatchNormMode,
  batchNorm,
  flopsOf,
  GraphError,
  input,
  type Node,
  param,
  topologicalOrder,
} from '@froyolo/core';
import { must } from '@froyolo/errors';
import { Arguments } from './arguments.js';
import { DETECT } from './detect.js';
import { ModelYamlError } from './errors.js';
import type { HeadModule } from './head.js';
import type { Literal } from './literal.js';
import type { BuiltModule, ModuleSpec } from './module-spec.js';
import { MODULES } from './modules.js';
import { activationNames, parseActivation } from './nn/activations.js';
import {
  BATCH_NORM_EPS,
  type BufferInfo,
  type Inventory,
  type ModuleInfo,
  type ParameterInfo,
  type Run,
  Scope,
} from './nn/scope.js';
import type { LayerSpec, ModelSpec } from './spec.js';

export interface LayerInfo {
  readonly index: number;
  /** -1 is the layer before this one, as written. */
  readonly from: readonly number[];
  /** Repeats after the depth multiple. */
  readonly n: number;
  /** As the reference prints it, such as `models.common.C3`. */
  readonly type: string;
  readonly parameterCount: number;
  readonly args: readonly Literal[];
}

export interface ForwardOptions {
  /** How the batch normalization of that name normalizes. */
  readonly batchNorm: (prefix: string) => BatchNormMode;
}

export interface ForwardResult {
  /** The head's raw output per level, `[N, C, ny, nx]`; C of `Detect` is `na * (5 + nc)`. */
  readonly heads: readonly Node[];
  /** Output of every layer before the head, by index. */
  readonly layers: readonly Node[];
  /** Mean and unbiased variance of the batch, `[C]`, by the prefix of each batch normalization in `batch` mode. */
  readonly statistics: ReadonlyMap<string, { readonly mean: Node; readonly variance: Node }>;
}

export interface Model {
  readonly spec: ModelSpec;
  /** The module of the last layer. */
  readonly head: HeadModule;
  readonly layers: readonly LayerInfo[];
  /** What PyTorch has below `model`, each before what is in it. */
  readonly modules: readonly ModuleInfo[];
  /** In PyTorch's order and by PyTorch's names. */
  readonly parameters: readonly ParameterInfo[];
  readonly buffers: readonly BufferInfo[];
  readonly numClasses: number;
  /** Pixels per cell of each level. */
  readonly strides: readonly number[];
  /** Pixels, `[level][anchor][width, height]`; none for a head without anchors. */
  readonly anchors: ModelSpec['anchors'];
  /** Layer indices: `backbone` as the YAML says, `head` is the last layer, `neck` what lies between. */
  readonly sections: {
    readonly backbone: readonly number[];
    readonly neck: readonly number[];
    readonly head: readonly number[];
  };
  /** Multiply-adds of the convolutions for one image of `imgsz` × `imgsz`, a multiple of the largest stride. */
  macs(imgsz: number): number;
  /**
   * Adds the network to a graph. `images`: `[N, channels, H, W]` in 0..1, H and W multiples of the largest stride.
   * Parameters and running statistics are `param` leaves by their PyTorch names, one node per name and call.
   */
  forward(images: Node, options: ForwardOptions): ForwardResult;
}

interface Layer {
  readonly spec: LayerSpec;
  readonly info: LayerInfo;
  readonly built: BuiltModule;
  /** Indices of the layers it reads; -1 is the image. */
  readonly sources: readonly number[];
}

/** Image size at which strides are found: every level must divide it. */
const PROBE_SIZE = 256;

/**
 * Builds a model that ends in `head`.
 * @throws ModelYamlError with file and line on an unknown module or arguments that don't fit
 */
export function buildModel(spec: ModelSpec, head: HeadModule = DETECT): Model {
  const inventory: Inventory = { modules: [], parameters: [], buffers: [] };
  const layers = buildLayers(spec, head, inventory);
  const forward: Model['forward'] = (images, options) => runForward(spec, layers, images, options);
  const image = (imgsz: number) => input('images', [1, spec.channels, imgsz, imgsz]);
  const heads = (imgsz: number) => forward(image(imgsz), { batchNorm: () => 'running' }).heads;
  const last = must(layers.at(-1), 'the last layer').spec.index;
  const inSection = (keep: (layer: LayerSpec) => boolean) =>
    spec.layers.filter(keep).map(({ index }) => index);
  return {
    spec,
    head,
    layers: layers.map(({ info }) => info),
    modules: inventory.modules,
    parameters: inventory.parameters,
    buffers: inventory.buffers,
    numClasses: spec.numClasses,
    strides: heads(PROBE_SIZE).map((head) => PROBE_SIZE / (head.shape[2] as number)),
    anchors: spec.anchors,
    sections: {
      backbone: inSection((layer) => layer.section === 'backbone'),
      neck: inSection((layer) => layer.section === 'head' && layer.index !== last),
      head: [last],
    },
    macs: (imgsz) => convMacs(heads(imgsz)),
    forward,
  };
}

function buildLayers(spec: ModelSpec, head: HeadModule, inventory: Inventory): Layer[] {
  const act = parseActivation(spec.activation);
  if (!act) {
    const known = activationNames().join(', ');
    throw new ModelYamlError(`activation ${spec.activation} is not supported; supported: ${known}`, spec);
  }
  const unscaled = head.unscaledChannels?.(spec);
  const width = (c: number) => (c === unscaled ? c : Math.ceil((c * spec.widthMultiple) / 8) * 8);
  const channels: number[] = [];
  return spec.layers.map((layer, index) => {
    const args = new Arguments(layer, spec.fileName);
    const isLast = index === spec.layers.length - 1;
    if ((layer.module === head.name) !== isLast)
      throw args.error(`${head.name} has to be the last layer, and only that one`);
    const module = isLast ? head : moduleNamed(layer.module, args);
    const sources = layer.from.map((from) => resolveSource(from, layer, args));
    const repeats =
      layer.repeats > 1 ? Math.max(roundHalfEven(layer.repeats * spec.depthMultiple), 1) : layer.repeats;
    if (repeats > MAX_REPEATS) throw args.error(`${repeats} repeats; at most ${MAX_REPEATS} can be built`);
    const inputs = sources.map((source) => (source < 0 ? spec.channels : channels[source]));
    const scope = new Scope(`model.${index}`, index, inventory);
    const built = module.build({ scope, inputs, args, repeats, act, width, spec });
    channels.push(built.outChannels);
    checkSize(inventory, args);
    const parameterCount = inventory.parameters
      .filter((p) => p.layer === index)
      .reduce((sum, p) => sum + numel(p.shape), 0);
    const info = { index, from: layer.from, n: repeats, type: module.type, parameterCount, args: built.args };
    return { spec: layer, info, built, sources };
  });
}

function moduleNamed(name: string, args: Arguments): ModuleSpec {
  const module = Object.hasOwn(MODULES, name) ? MODULES[name] : undefined;
  if (module) return module;
  throw args.error(`module is not supported; supported: ${Object.keys(MODULES).join(', ')}`);
}

/** Far above the largest official network (some 800 modules, 0.2 billion parameters), below what exhausts a machine. */
const MAX_REPEATS = 1000;
const MAX_MODULES = 50_000;
const MAX_PARAMETERS = 4_000_000_000;

function checkSize({ modules, parameters }: Inventory, args: Arguments): void {
  if (modules.length > MAX_MODULES)
    throw args.error(`up to here the network has more than ${MAX_MODULES} modules`);
  const total = parameters.reduce((sum, { shape }) => sum + numel(shape), 0);
  if (total > MAX_PARAMETERS)
    throw args.error(
      `up to here the network has ${total} parameters; at most ${MAX_PARAMETERS} can be handled`,
    );
}

function resolveSource(from: number, { index }: LayerSpec, args: Arguments): number {
  const source = from < 0 ? index + from : from;
  const isImage = index === 0 && from === -1;
  if (!isImage && (source < 0 || source >= index))
    throw args.error(`"from" ${from} is not a layer before this one`);
  return source;
}

function runForward(
  spec: ModelSpec,
  layers: readonly Layer[],
  images: Node,
  options: ForwardOptions,
): ForwardResult {
  const statistics = new Map<string, { mean: Node; variance: Node }>();
  const run = createRun(options, statistics);
  const outputs: Node[] = [];
  let heads: readonly Node[] = [];
  for (const { spec: layer, built, sources } of layers) {
    const xs = sources.map((source) => (source < 0 ? images : outputs[source]));
    const y = inLayer(spec, layer, () => built.forward(xs, run));
    if (Array.isArray(y)) heads = y;
    else outputs.push(y as Node);
  }
  return { heads, layers: outputs, statistics };
}

function createRun(options: ForwardOptions, statistics: Map<string, { mean: Node; variance: Node }>): Run {
  const leaves = new Map<string, Node>();
  const leaf = (name: string, shape: readonly number[]) => {
    const made = leaves.get(name) ?? param(name, shape);
    leaves.set(name, made);
    return made;
  };
  return {
    param: leaf,
    batchNorm(x, prefix, channels) {
      const params = {
        weight: leaf(`${prefix}.weight`, [channels]),
        bias: leaf(`${prefix}.bias`, [channels]),
        runningMean: leaf(`${prefix}.running_mean`, [channels]),
        runningVar: leaf(`${prefix}.running_var`, [channels]),
      };
      const result = batchNorm(x, params, BATCH_NORM_EPS, options.batchNorm(prefix));
      if (result.statistics) statistics.set(prefix, result.statistics);
      return result.y;
    },
  };
}

/** Shapes that don't fit are found by the ops: says which layer asked for them. */
function inLayer<T>(spec: ModelSpec, layer: LayerSpec, build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    throw new Arguments(layer, spec.fileName).error(
      `${error.message} (image height and width must be multiples of the largest stride)`,
    );
  }
}

function convMacs(outputs: readonly Node[]): number {
  return topologicalOrder(outputs)
    .filter((node) => node.op === 'conv2d')
    .reduce((sum, node) => sum + flopsOf(node) / 2, 0);
}

/** Lets modules declare their parameters, and find them again when a graph is built. */
import type { Node } from '@froyolo/core';

/** Constants of every batch normalization of YOLOv5. */
export const BATCH_NORM_EPS = 1e-3;
export const BATCH_NORM_MOMENTUM = 0.03;

export type ParameterRole =
  | `${'conv' | 'bn' | 'linear'}.${'weight' | 'bias'}`
  /** Attention: the joint projection of queries, keys and values, and the biases. */
  | `attention.${'weight' | 'bias'}`
  /** Factors of the layers that a weighted sum adds. */
  | 'sum.weight';

export interface ParameterInfo {
  /** PyTorch's name, such as `model.2.cv1.conv.weight`. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Index of the layer that owns it. */
  readonly layer: number;
  readonly role: ParameterRole;
}

export interface BufferInfo {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int64';
}

/** What an attribute of a PyTorch module may hold. Python tells tuples from lists and whole numbers from floats. */
export type ModuleAttribute =
  | null
  | boolean
  | number
  | string
  | readonly ModuleAttribute[]
  | { readonly tuple: readonly ModuleAttribute[] }
  | { readonly float: number };

/** A module as PyTorch has it: what a pickled model holds beside its tensors. */
export interface ModuleInfo {
  /** Its place, such as `model.2.cv1`. */
  readonly name: string;
  /** Its class, such as `models.common.Conv`. */
  readonly type: string;
  readonly attributes: Readonly<Record<string, ModuleAttribute>>;
  /** Parameters that the class knows and this module lacks, such as the `bias` of a convolution. */
  readonly absent: readonly string[];
}

/** Everything a model owns, in the order PyTorch lists it: that of declaration. */
export interface Inventory {
  readonly modules: ModuleInfo[];
  readonly parameters: ParameterInfo[];
  readonly buffers: BufferInfo[];
}

/** The leaves of one graph that is being built. */
export interface Run {
  param(name: string, shape: readonly number[]): Node;
  batchNorm(x: Node, prefix: string, channels: number): Node;
}

/** A built module: adds its nodes to a graph. */
export type Forward = (x: Node, run: Run) => Node;

/** A place in the tree of names. A module declares its own parameters and those of its children, in order. */
export class Scope {
  readonly #prefix: string;
  readonly #layer: number;
  readonly #inventory: Inventory;

  constructor(prefix: string, layer: number, inventory: Inventory) {
    this.#prefix = prefix;
    this.#layer = layer;
    this.#inventory = inventory;
  }

  child(name: string | number): Scope {
    return new Scope(`${this.#prefix}.${name}`, this.#layer, this.#inventory);
  }

  /** Declares what PyTorch has at this place. Comes before the declarations of what is in it. */
  module(type: string, attributes: ModuleInfo['attributes'] = {}, absent: readonly string[] = []): this {
    this.#inventory.modules.push({ name: this.#prefix, type, attributes, absent });
    return this;
  }

  /** Declares `prefix.name` and returns what reads it. */
  parameter(name: string, shape: readonly number[], role: ParameterRole): (run: Run) => Node {
    const full = `${this.#prefix}.${name}`;
    this.#inventory.parameters.push({ name: full, shape, layer: this.#layer, role });
    return (run) => run.param(full, shape);
  }

  buffer(name: string, shape: readonly number[], dtype: BufferInfo['dtype']): void {
    this.#inventory.buffers.push({ name: `${this.#prefix}.${name}`, shape, dtype });
  }

  /** Declares this scope as a batch normalization. */
  batchNorm(channels: number): Forward {
    const prefix = this.#prefix;
    this.module('torch.nn.modules.batchnorm.BatchNorm2d', {
      num_features: channels,
      eps: BATCH_NORM_EPS,
      momentum: BATCH_NORM_MOMENTUM,
      affine: true,
      track_running_stats: true,
    });
    this.parameter('weight', [channels], 'bn.weight');
    this.parameter('bias', [channels], 'bn.bias');
    this.buffer('running_mean', [channels], 'float32');
    this.buffer('running_var', [channels], 'float32');
    this.buffer('num_batches_tracked', [], 'int64');
    return (x, run) => run.batchNorm(x, prefix, channels);
  }
}

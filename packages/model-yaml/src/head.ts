/** The module that ends an architecture: a detector family's own part, besides the layers that all families share. */
import type { Tensor } from '@froyolo/core';
import type { ModuleSpec } from './module-spec.js';
import type { ModelSpec } from './spec.js';

/** A built head, for its first values. */
export interface BuiltHead {
  /** Name of its module, such as `model.24`. */
  readonly prefix: string;
  readonly spec: ModelSpec;
  /** Pixels per cell of each level. */
  readonly strides: readonly number[];
}

export interface HeadModule extends ModuleSpec {
  /** As architectures name it, such as `Detect`. */
  readonly name: string;
  /** Number of channels that the width multiple leaves as written. */
  unscaledChannels?(spec: ModelSpec): number | undefined;
  /**
   * Changes fresh values, in place, where the head starts from other ones than its layers' usual distributions: biases
   * with a prior, buffers that hold settings.
   */
  initialize?(values: ReadonlyMap<string, Tensor>, head: BuiltHead): void;
}

/** Optional abilities of GPUs, beyond what WebGPU requires. */

export interface Abilities {
  /** Halves as a type of WGSL (`shader-f16`). */
  readonly halves: boolean;
  /** Sums over the threads that run together (`subgroups`), each of which knows its group's number. */
  readonly subgroups: boolean;
}

export const PLAIN: Abilities = { halves: false, subgroups: false };

/** WebGPU features to request from adapters that have them. */
export const WANTED_FEATURES = ['shader-f16', 'subgroups'] as const;

/**
 * @param features of a device
 * @param language features of WGSL
 */
export const abilitiesOf = (features: ReadonlySet<string>, language: ReadonlySet<string>): Abilities => ({
  halves: features.has('shader-f16'),
  subgroups: features.has('subgroups') && language.has('subgroup_id'),
});

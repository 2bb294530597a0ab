/** What some GPUs can beyond what WebGPU asks of all. */

export interface Abilities {
  /** Halves as a type of WGSL (`shader-f16`). */
  readonly halves: boolean;
  /** Sums over the threads that run together (`subgroups`), which know the number of their group. */
  readonly subgroups: boolean;
}

export const PLAIN: Abilities = { halves: false, subgroups: false };

/** Features of WebGPU that a device is asked for where the adapter has them. */
export const WANTED_FEATURES = ['shader-f16', 'subgroups'] as const;

/**
 * @param features of a device
 * @param language features of WGSL
 */
export const abilitiesOf = (features: ReadonlySet<string>, language: ReadonlySet<string>): Abilities => ({
  halves: features.has('shader-f16'),
  subgroups: features.has('subgroups') && language.has('subgroup_id'),
});

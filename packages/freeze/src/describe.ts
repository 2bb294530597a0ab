/** The log's account of a freeze. */
import { numel } from '@froyolo/common';
import { layerOf, type NamedParameter } from './match.js';
import type { FreezeGroup, FreezePolicy } from './policy.js';
import type { FreezeStage } from './schedule.js';

/** Parameters of a list with shapes: their sizes are summed. */
export interface SizedParameter extends NamedParameter {
  readonly shape: readonly number[];
}

/** One line per frozen group, then the totals; no lines when nothing is frozen. */
export function describeFreeze(policy: FreezePolicy, parameters: readonly SizedParameter[]): string[] {
  if (policy.frozen.size === 0) return [];
  const sizes = new Map(parameters.map(({ name, shape }) => [name, numel(shape)]));
  const total = (names: Iterable<string>) =>
    [...names].reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0);
  const lines = policy.groups.map(
    (group) => `freezing ${describeGroup(group)}, ${total(group.frozen)} parameters`,
  );
  return [
    ...lines,
    `frozen: ${total(policy.frozen)} of ${total(sizes.keys())} parameters in ${policy.frozen.size} of ${sizes.size} tensors; ` +
      `batch normalization of frozen layers: ${policy.freezeBn}`,
  ];
}

function describeGroup({ module, frozen, trainable }: FreezeGroup): string {
  if (trainable.length === 0) return `${module}: all of its ${plural(frozen.length)}`;
  const names = frozen.map((name) => (name.startsWith(`${module}.`) ? name.slice(module.length + 1) : name));
  return `${module}: ${frozen.length} of ${plural(frozen.length + trainable.length)} (${names.join(', ')})`;
}

const plural = (tensors: number) => (tensors === 1 ? '1 tensor' : `${tensors} tensors`);

/** What stage `now` trains that the one before didn't: `layers 10-23`, `layer 9`, `parts of layers 0-4`. */
function describeFreed(
  before: FreezePolicy,
  now: FreezePolicy,
  parameters: readonly NamedParameter[],
): string {
  const freed = parameters.filter(({ name }) => before.frozen.has(name) && !now.frozen.has(name));
  const layers = [...new Set(freed.map(layerOf).filter((layer) => layer !== undefined))];
  const stillFrozen = new Set(parameters.filter(({ name }) => now.frozen.has(name)).map(layerOf));
  const whole = layers.filter((layer) => !stillFrozen.has(layer));
  const parts = layers.filter((layer) => stillFrozen.has(layer));
  const outside = freed.filter((parameter) => layerOf(parameter) === undefined);
  return [
    ...(whole.length > 0 ? [layersInWords(whole, parameters)] : []),
    ...(parts.length > 0 ? [`parts of ${layersInWords(parts, parameters)}`] : []),
    ...outside.map(({ name }) => name),
  ].join(', ');
}

/** `layer 9`, `layers 0-4, 9`: at least one, in ascending order. */
function layersInWords(layers: readonly number[], parameters: readonly NamedParameter[]): string {
  return `layer${layers.length === 1 ? '' : 's'} ${ranges(layers, [...new Set(parameters.map(layerOf))])}`;
}

/** `0-4, 9` of layers in ascending order; one without parameters doesn't end a range. */
function ranges(layers: readonly number[], all: readonly (number | undefined)[]): string {
  const runs: [first: number, last: number][] = [];
  for (const layer of layers) {
    const run = runs.at(-1);
    if (run && all[all.indexOf(layer) - 1] === run[1]) run[1] = layer;
    else runs.push([layer, layer]);
  }
  return runs.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(', ');
}

/** What changes when a stage begins, in words. */
export function describeStage(
  { before, freeze }: { readonly before: FreezePolicy; readonly freeze: FreezePolicy },
  parameters: readonly SizedParameter[],
): string {
  return `training ${describeFreed(before, freeze, parameters)} from now on; ${describeRest(freeze, parameters)}`;
}

/** How much stays frozen, in words. */
function describeRest({ frozen }: FreezePolicy, parameters: readonly SizedParameter[]): string {
  if (frozen.size === 0) return 'nothing is frozen any more';
  const size = (list: readonly SizedParameter[]) => list.reduce((sum, { shape }) => sum + numel(shape), 0);
  const kept = parameters.filter(({ name }) => frozen.has(name));
  return `${size(kept)} of ${size(parameters)} parameters stay frozen`;
}

/** One line per stage after the first. */
export function describeUnfreezing(
  stages: readonly FreezeStage[],
  parameters: readonly SizedParameter[],
): string[] {
  return stages.slice(1).map(({ epoch, policy }, i) => {
    const freed = describeFreed(stages[i].policy, policy, parameters);
    const after = epoch === 1 ? '1 epoch' : `${epoch} epochs`;
    return `after ${after} unfreezing ${freed}; ${describeRest(policy, parameters)}`;
  });
}

/** One line per factor of the learning rate: how many tensors have it, of which layers. */
export function describeLrScales(
  scales: ReadonlyMap<string, number>,
  parameters: readonly NamedParameter[],
): string[] {
  return [...new Set(scales.values())].map((factor) => {
    const scaled = parameters.filter(({ name }) => scales.get(name) === factor);
    const layers = [...new Set(scaled.map(layerOf).filter((layer) => layer !== undefined))];
    const where = layers.length === 0 ? '' : ` in ${layersInWords(layers, parameters)}`;
    return `learning rate times ${factor}: ${plural(scaled.length)}${where}`;
  });
}

/**
 * A warning about parameters that are frozen before they ever learned anything; undefined without such parameters.
 * @param fresh names of tensors that start from random values
 */
export function freshFrozenWarning(
  { frozen }: Pick<FreezePolicy, 'frozen'>,
  fresh: readonly string[],
): string | undefined {
  const stuck = fresh.filter((name) => frozen.has(name));
  const [first] = stuck;
  if (first === undefined) return undefined;
  return `${stuck.length} of the ${frozen.size} frozen tensors are fresh, not from the weights (the first is ${first}): they keep random values, freeze less or start from weights of this architecture`;
}

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

/** What changes when a stage begins. */
export interface StageChange {
  /** Layers that begin to learn, as ranges: `0-4, 9`; empty for none. */
  readonly layers: string;
  /** Layers of which only parts begin to learn. */
  readonly partly: string;
  /** Parameters outside of layers that begin to learn, by name. */
  readonly outside: readonly string[];
  /** Numbers in parameters that stay frozen, and in all. */
  readonly frozen: number;
  readonly all: number;
}

export function stageChange(
  before: FreezePolicy,
  now: FreezePolicy,
  parameters: readonly SizedParameter[],
): StageChange {
  const freed = parameters.filter(({ name }) => before.frozen.has(name) && !now.frozen.has(name));
  const kept = parameters.filter(({ name }) => now.frozen.has(name));
  const stillFrozen = new Set(kept.map(layerOf));
  const layers = layersOf(freed);
  return {
    layers: ranges(
      layers.filter((layer) => !stillFrozen.has(layer)),
      parameters,
    ),
    partly: ranges(
      layers.filter((layer) => stillFrozen.has(layer)),
      parameters,
    ),
    outside: freed.filter((parameter) => layerOf(parameter) === undefined).map(({ name }) => name),
    frozen: sizeOf(kept),
    all: sizeOf(parameters),
  };
}

const layersOf = (parameters: readonly NamedParameter[]) => [
  ...new Set(parameters.map(layerOf).filter((layer) => layer !== undefined)),
];

const sizeOf = (parameters: readonly SizedParameter[]) =>
  parameters.reduce((sum, { shape }) => sum + numel(shape), 0);

/** `0-4, 9` of layers in ascending order; one without parameters doesn't end a range. */
function ranges(layers: readonly number[], parameters: readonly NamedParameter[]): string {
  const all = [...new Set(parameters.map(layerOf))];
  const runs: [first: number, last: number][] = [];
  for (const layer of layers) {
    const run = runs.at(-1);
    if (run && all[all.indexOf(layer) - 1] === run[1]) run[1] = layer;
    else runs.push([layer, layer]);
  }
  return runs.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(', ');
}

/** `layer 9`, `layers 0-4, 9` */
const inWords = (layers: string) => `layer${/[-,]/.test(layers) ? 's' : ''} ${layers}`;

/** `layers 10-23`, `layer 9`, `parts of layers 0-4` */
const freedInWords = ({ layers, partly, outside }: StageChange): string =>
  [...(layers ? [inWords(layers)] : []), ...(partly ? [`parts of ${inWords(partly)}`] : []), ...outside].join(
    ', ',
  );

const restInWords = ({ frozen, all }: StageChange): string =>
  frozen === 0 ? 'nothing is frozen any more' : `${frozen} of ${all} parameters stay frozen`;

/** What changes when a stage begins, in words. */
export function describeStage(
  { before, freeze }: { readonly before: FreezePolicy; readonly freeze: FreezePolicy },
  parameters: readonly SizedParameter[],
): string {
  const change = stageChange(before, freeze, parameters);
  return `training ${freedInWords(change)} from now on; ${restInWords(change)}`;
}

/** One line per stage after the first. */
export function describeUnfreezing(
  stages: readonly FreezeStage[],
  parameters: readonly SizedParameter[],
): string[] {
  return stages.slice(1).map(({ epoch, policy }, i) => {
    const change = stageChange(stages[i].policy, policy, parameters);
    const after = epoch === 1 ? '1 epoch' : `${epoch} epochs`;
    return `after ${after} unfreezing ${freedInWords(change)}; ${restInWords(change)}`;
  });
}

/** Tensors that have a factor of the learning rate. */
export interface ScaledTensors {
  readonly factor: number;
  readonly tensors: number;
  /** Their layers, as ranges: `0-4, 9`; empty where they are in none. */
  readonly layers: string;
}

export function scaledTensors(
  scales: ReadonlyMap<string, number>,
  parameters: readonly NamedParameter[],
): ScaledTensors[] {
  return [...new Set(scales.values())].map((factor) => {
    const scaled = parameters.filter(({ name }) => scales.get(name) === factor);
    return { factor, tensors: scaled.length, layers: ranges(layersOf(scaled), parameters) };
  });
}

/** One line per factor of the learning rate: how many tensors have it, of which layers. */
export const describeLrScales = (
  scales: ReadonlyMap<string, number>,
  parameters: readonly NamedParameter[],
): string[] =>
  scaledTensors(scales, parameters).map(
    ({ factor, tensors, layers }) =>
      `learning rate times ${factor}: ${plural(tensors)}${layers ? ` in ${inWords(layers)}` : ''}`,
  );

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

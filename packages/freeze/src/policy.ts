/** Applies a selector to a list of parameters. */
import { FreezeError } from './errors.js';
import { describeLayers, layerOf, matchSelector, type NamedParameter, type Sections } from './match.js';
import type { FreezeSelector } from './selector.js';

/**
 * What the batch normalization of frozen layers does; its scale and shift stay as they are in each case.
 *
 * | | normalizes by | stored statistics | output of a frozen layer |
 * |---|---|---|---|
 * | `eval` | the stored statistics | stay as they are | is the same for the same image, always |
 * | `stats` | the stored statistics | follow those of the batches | changes as they do, not with the rest of its batch |
 * | `train` | the batch's own | follow those of the batches, as in the reference | depends on the whole batch |
 */
export type FrozenBatchNorm = 'eval' | 'stats' | 'train';

const FROZEN_MODES = { eval: 'running', stats: 'tracking', train: 'batch' } as const;

export interface FreezeOptions {
  /** `eval` unless given. */
  readonly freezeBn?: FrozenBatchNorm;
  /** Layers that names such as `backbone` stand for. */
  readonly sections?: Sections;
}

/** The frozen parameters of one layer; of one module for those outside the numbered layers. */
export interface FreezeGroup {
  /** Name of the module, such as `model.2`. */
  readonly module: string;
  readonly frozen: readonly string[];
  /** Parameters of the group that stay trainable. */
  readonly trainable: readonly string[];
}

export interface FreezePolicy {
  readonly frozen: ReadonlySet<string>;
  /** In the order of the list. */
  readonly trainable: readonly string[];
  /** Layers with every parameter frozen, ascending. */
  readonly layers: readonly number[];
  readonly freezeBn: FrozenBatchNorm;
  /** Groups with something frozen, in the order of the list. */
  readonly groups: readonly FreezeGroup[];
  /** In a few words: the number of first layers, such as `10`, where it is those that are frozen, else the selector. */
  readonly label: string;
}

/**
 * Finds what a selector freezes in a list of parameters.
 * Throws a `FreezeError` when a term means nothing in this list, or when nothing would be left to train.
 */
export function resolveFreeze(
  selector: FreezeSelector,
  parameters: readonly NamedParameter[],
  { freezeBn = 'eval', sections = {} }: FreezeOptions = {},
): FreezePolicy {
  const frozen = matchSelector(selector, parameters, sections);
  const trainable = parameters.map(({ name }) => name).filter((name) => !frozen.has(name));
  if (frozen.size === 0 && !freezesNothing(selector))
    throw new FreezeError(selector.text, `freezes no parameter; ${describeLayers(parameters)}`);
  if (trainable.length === 0)
    throw new FreezeError(selector.text, `leaves nothing to train; ${describeLayers(parameters)}`);
  const groups = groupByModule(parameters, frozen);
  const label = labelOf(selector, parameters, frozen);
  return { frozen, trainable, layers: frozenLayers(parameters, frozen), freezeBn, groups, label };
}

/** A number where the first layers are frozen and nothing else, as written where a number was. */
function labelOf(
  { text, include, exclude }: FreezeSelector,
  parameters: readonly NamedParameter[],
  frozen: ReadonlySet<string>,
): string {
  const [only] = include;
  if (only?.kind === 'count' && exclude.length === 0) return String(only.count);
  const depth =
    1 + Math.max(-1, ...parameters.flatMap((p) => (frozen.has(p.name) ? [layerOf(p) ?? -1] : [])));
  const isBefore = (parameter: NamedParameter) => (layerOf(parameter) ?? depth) < depth;
  if (parameters.every((parameter) => frozen.has(parameter.name) === isBefore(parameter)))
    return String(depth);
  return text.split(/[\s,]+/).join(' ');
}

/** `0`, and no selector at all, are ways to say that nothing is frozen. */
function freezesNothing({ include }: FreezeSelector): boolean {
  return include.every((term) => term.kind === 'count' && term.count === 0);
}

function frozenLayers(parameters: readonly NamedParameter[], frozen: ReadonlySet<string>): number[] {
  const layers = new Set(parameters.map(layerOf).filter((layer) => layer !== undefined));
  for (const parameter of parameters) {
    const layer = layerOf(parameter);
    if (layer !== undefined && !frozen.has(parameter.name)) layers.delete(layer);
  }
  return [...layers].sort((a, b) => a - b);
}

function groupByModule(parameters: readonly NamedParameter[], frozen: ReadonlySet<string>): FreezeGroup[] {
  const groups = new Map<string, { module: string; frozen: string[]; trainable: string[] }>();
  for (const parameter of parameters) {
    const module = moduleOf(parameter);
    const group = groups.get(module) ?? { module, frozen: [], trainable: [] };
    groups.set(module, group);
    (frozen.has(parameter.name) ? group.frozen : group.trainable).push(parameter.name);
  }
  return [...groups.values()].filter((group) => group.frozen.length > 0);
}

/** The name up to its layer's index, or without its last part. */
function moduleOf(parameter: NamedParameter): string {
  const parts = parameter.name.split('.');
  const index = parts.indexOf(String(layerOf(parameter)));
  return parts.slice(0, index >= 0 && index < parts.length - 1 ? index + 1 : -1).join('.') || parameter.name;
}

/**
 * How a batch normalization of this name (such as `model.0.bn`) works under a policy. Trained: `batch`. Frozen:
 * `running` for `eval`, `tracking` (normalize as `running`, statistics follow as with `batch`) for `stats`, `batch` for
 * `train`.
 */
export function batchNormMode(policy: FreezePolicy, prefix: string): 'batch' | 'running' | 'tracking' {
  return policy.frozen.has(`${prefix}.weight`) ? FROZEN_MODES[policy.freezeBn] : 'batch';
}

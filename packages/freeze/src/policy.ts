/** From a selector and a list of parameters to what is frozen. */
import { FreezeError } from './errors.js';
import { describeLayers, layerOf, matchTerm, type NamedParameter, type Sections } from './match.js';
import type { FreezeSelector } from './selector.js';

/**
 * What the batch normalisation of frozen layers does. `eval`: normalises by its stored statistics, which stay as they
 * are. `train`: by each batch's own, and its stored ones follow, as in the reference.
 */
export type FrozenBatchNorm = 'eval' | 'train';

export interface FreezeOptions {
  /** `eval` unless given. */
  readonly batchNorm?: FrozenBatchNorm;
  /** Layers that names such as `backbone` stand for. */
  readonly sections?: Sections;
}

/** The frozen parameters of one layer; of one module for those outside the numbered layers. */
export interface FreezeGroup {
  /** Such as `model.2`. */
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
  readonly batchNorm: FrozenBatchNorm;
  /** Groups with something frozen, in the order of the list. */
  readonly groups: readonly FreezeGroup[];
}

/**
 * Finds what a selector freezes in a list of parameters.
 * Throws a `FreezeError` when a term means nothing in this list, or when nothing would be left to train.
 */
export function resolveFreeze(
  selector: FreezeSelector,
  parameters: readonly NamedParameter[],
  { batchNorm = 'eval', sections = {} }: FreezeOptions = {},
): FreezePolicy {
  const union = (terms: FreezeSelector['include']) =>
    new Set(terms.flatMap((term) => [...matchTerm(term, parameters, sections)]));
  const included = union(selector.include);
  const excluded = union(selector.exclude);
  const frozen = new Set([...included].filter((name) => !excluded.has(name)));
  const trainable = parameters.map(({ name }) => name).filter((name) => !frozen.has(name));
  if (frozen.size === 0 && !freezesNothing(selector))
    throw new FreezeError(selector.text, `freezes no parameter; ${describeLayers(parameters)}`);
  if (trainable.length === 0)
    throw new FreezeError(selector.text, `leaves nothing to train; ${describeLayers(parameters)}`);
  const groups = groupByModule(parameters, frozen);
  return { frozen, trainable, layers: frozenLayers(parameters, frozen), batchNorm, groups };
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
    if (!groups.has(module)) groups.set(module, { module, frozen: [], trainable: [] });
    const group = groups.get(module)!;
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
 * How a batch normalisation of this name (such as `model.0.bn`) normalises under a policy: `running` when it is frozen
 * and the policy is `eval`, otherwise `batch`.
 */
export function batchNormMode(policy: FreezePolicy, prefix: string): 'batch' | 'running' {
  return policy.batchNorm === 'eval' && policy.frozen.has(`${prefix}.weight`) ? 'running' : 'batch';
}

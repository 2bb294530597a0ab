/** Which parameters one term of a selector means. */
import { FreezeError } from './errors.js';
import type { FreezeSelector, FreezeTerm } from './selector.js';
import { closest } from './suggest.js';

export interface NamedParameter {
  readonly name: string;
  /** Index of its layer; read from a name that contains `model.<index>.` when not given. */
  readonly layer?: number;
}

/** Names of groups of layers, such as `backbone`. */
export type Sections = Readonly<Record<string, readonly number[]>>;

/** Index of a parameter's layer; undefined when it belongs to none. */
export function layerOf({ name, layer }: NamedParameter): number | undefined {
  if (layer !== undefined) return layer;
  const match = /(?:^|\.)model\.(\d+)\./.exec(name);
  return match ? Number(match[1]) : undefined;
}

/** Parameters of this list that a selector includes and doesn't exclude. Throws as `matchTerm`. */
export function matchSelector(
  { include, exclude }: FreezeSelector,
  parameters: readonly NamedParameter[],
  sections: Sections,
): Set<string> {
  const union = (terms: readonly FreezeTerm[]) =>
    new Set(terms.flatMap((term) => [...matchTerm(term, parameters, sections)]));
  const excluded = union(exclude);
  return new Set([...union(include)].filter((name) => !excluded.has(name)));
}

/** Throws a `FreezeError` when the term means nothing of this list. */
function matchTerm(term: FreezeTerm, parameters: readonly NamedParameter[], sections: Sections): Set<string> {
  switch (term.kind) {
    case 'count':
      return inLayers(parameters, (layer) => layer < term.count);
    case 'layers':
      return matchLayers(term, parameters);
    case 'name':
      return matchName(term.text, parameters, sections);
  }
}

function inLayers(parameters: readonly NamedParameter[], keep: (layer: number) => boolean): Set<string> {
  const kept = parameters.filter((parameter) => {
    const layer = layerOf(parameter);
    return layer !== undefined && keep(layer);
  });
  return new Set(kept.map(({ name }) => name));
}

/** A layer in between that has no parameters is fine; one that does not exist is not. */
function matchLayers(
  { text, first, last }: FreezeTerm & { kind: 'layers' },
  parameters: readonly NamedParameter[],
): Set<string> {
  const layers = parameters.map(layerOf).filter((layer) => layer !== undefined);
  if (last > Math.max(...layers)) throw new FreezeError(text, `no such layer; ${describeLayers(parameters)}`);
  return inLayers(parameters, (layer) => layer >= first && layer <= last);
}

/** What layers there are, for a message. */
export function describeLayers(parameters: readonly NamedParameter[]): string {
  const layers = parameters.map(layerOf).filter((layer) => layer !== undefined);
  if (layers.length === 0) return 'none of the parameters belongs to a numbered layer';
  return `the layers are ${Math.min(...layers)} to ${Math.max(...layers)}`;
}

function matchName(text: string, parameters: readonly NamedParameter[], sections: Sections): Set<string> {
  if (Object.hasOwn(sections, text)) {
    const layers = new Set(sections[text]);
    return inLayers(parameters, (layer) => layers.has(layer));
  }
  const pattern = globPattern(text);
  const matched = parameters.filter(({ name }) => pattern.test(name));
  if (matched.length === 0) {
    const names = [...Object.keys(sections), ...modulesAndParameters(parameters)];
    throw new FreezeError(
      text,
      `matches nothing; ${describeClosest(text, names)}${describeLayers(parameters)}`,
    );
  }
  return new Set(matched.map(({ name }) => name));
}

/** Matches a whole parameter name or the name of a module around it. */
function globPattern(glob: string): RegExp {
  const body = glob.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.');
  return new RegExp(`^${body}(?:\\..*)?$`);
}

function modulesAndParameters(parameters: readonly NamedParameter[]): string[] {
  const names = parameters.flatMap(({ name }) => {
    const parts = name.split('.');
    return parts.map((_, i) => parts.slice(0, i + 1).join('.'));
  });
  return [...new Set(names)];
}

function describeClosest(text: string, names: readonly string[]): string {
  const close = closest(text, names);
  return close.length > 0 ? `close to it: ${close.join(', ')}; ` : '';
}

/** Where things stand in a YAML document: through aliases and merge keys, in linear time. */
import { type Document, isAlias, isMap, isScalar, isSeq, type Node, visit } from 'yaml';
import { LIMITS } from './limits.js';
import { MERGE } from './yaml-merge.js';

/** The node at a path, or the alias of it; undefined where nothing is. */
export function nodeAt(document: Document, path: readonly (string | number)[]): unknown {
  let node: unknown = document.contents;
  for (const key of path) node = childrenOf(document, node).get(String(key));
  return node;
}

/** The nodes in a list by index, in a map by key; none in anything else. */
export function childrenOf(
  document: Document,
  node: unknown,
  merges: number = LIMITS.depth,
): ReadonlyMap<string, unknown> {
  const parent = targetOf(document, node);
  if (isSeq(parent)) return new Map(parent.items.map((item, index) => [String(index), item]));
  if (!isMap(parent) || merges === 0) return new Map();
  const own = parent.items.map(({ key, value }) => [isScalar(key) ? String(key.value) : '', value] as const);
  const named = own.find(([key]) => key === MERGE)?.[1];
  const sources = named === undefined ? [] : isSeq(named) ? [...named.items].reverse() : [named];
  const merged = sources.flatMap((source) => [...childrenOf(document, source, merges - 1)]);
  return new Map([...merged, ...own]);
}

/** What an alias stands for; any other node itself. */
export const targetOf = (document: Document, node: unknown) =>
  isAlias(node) ? node.resolve(document) : node;

/** A key that its map has already. */
export function repeatedKey(document: Document): Node | undefined {
  let found: Node | undefined;
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<string>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(String(key.value))) found ??= key;
        seen.add(String(key.value));
      }
      return found ? visit.BREAK : undefined;
    },
  });
  return found;
}

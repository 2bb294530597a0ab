/** Merge keys, which PyYAML follows: `<<: *base` in a map adds the entries of another map, or of a list of maps. */

export const MERGE = '<<';
/** Entries that are copied at most: a few lines of aliases would make any number. */
const MOST = 100_000;

/**
 * A parsed value with its merges done. A map's own entries come before merged ones, earlier sources before later ones.
 * @throws Error where `<<` names something else, or merges make too many entries
 */
export function withMerges(value: unknown): unknown {
  const done = new Map<unknown, unknown>();
  let left = MOST;
  const convert = (one: unknown): unknown => {
    if (typeof one !== 'object' || one === null) return one;
    const known = done.get(one) ?? convertNew(one);
    done.set(one, known);
    return known;
  };
  const convertNew = (one: object): unknown => {
    if (Array.isArray(one)) return one.map(convert);
    const entries = Object.entries(one);
    const own = Object.fromEntries(
      entries.filter(([key]) => key !== MERGE).map(([key, item]) => [key, convert(item)]),
    );
    if (entries.length === Object.keys(own).length) return own;
    const sources = sourcesOf(entries).map(convert);
    left -= sources.reduce<number>((sum, source) => sum + Object.keys(Object(source)).length, 0);
    if (left < 0) throw new Error(`"${MERGE}" makes more than ${MOST} entries`);
    const merged = new Map([...sources].reverse().flatMap((source) => Object.entries(Object(source))));
    return { ...Object.fromEntries(merged), ...own };
  };
  return convert(value);
}

function sourcesOf(entries: readonly (readonly [string, unknown])[]): readonly unknown[] {
  const sources = [entries.find(([key]) => key === MERGE)?.[1]].flat();
  const isMapping = (one: unknown) => typeof one === 'object' && one !== null && !Array.isArray(one);
  if (!sources.every(isMapping)) throw new Error(`"${MERGE}" must name a map, or a list of maps`);
  return sources;
}

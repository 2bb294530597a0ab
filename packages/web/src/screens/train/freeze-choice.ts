/** From layers to a selector, as after `--freeze`. */

export const withDepth = (depth: number) => String(depth);

export const isFrozen = (frozen: readonly number[], index: number) => frozen.includes(index);

export function toggled(frozen: readonly number[], index: number): number[] {
  return frozen.includes(index) ? frozen.filter((one) => one !== index) : [...frozen, index];
}

/** `10` for the first ten layers, `0-9,17` for those and one more; `0` for none. */
export function selectorOf(layers: readonly number[]): string {
  const sorted = [...layers].sort((a, b) => a - b);
  if (sorted.every((layer, i) => layer === i)) return String(sorted.length);
  const ranges: [from: number, to: number][] = [];
  for (const layer of sorted) {
    const last = ranges.at(-1);
    if (last && last[1] === layer - 1) last[1] = layer;
    else ranges.push([layer, layer]);
  }
  // A single number would mean that many first layers.
  return ranges.map(([from, to]) => `${from}-${to}`).join(',');
}

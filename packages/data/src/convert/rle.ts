/** COCO's run-length masks: alternating runs of 0 and 1, down the columns of an image. */

/** `[x, y, width, height]` around a mask `{ size: [height, width], counts }`, or undefined if it is no mask or empty. */
export function rleBox(value: unknown): [number, number, number, number] | undefined {
  if (typeof value !== 'object' || value === null || !('size' in value && 'counts' in value))
    return undefined;
  const height: unknown = Array.isArray(value.size) ? value.size[0] : undefined;
  const counts = runsOf(value.counts);
  if (typeof height !== 'number' || !Number.isInteger(height) || height < 1 || !counts) return undefined;
  return boxOfRuns(counts, height);
}

function runsOf(counts: unknown): number[] | undefined {
  if (typeof counts === 'string') return decodeRuns(counts);
  if (!Array.isArray(counts)) return undefined;
  const runs = counts.filter((run): run is number => Number.isInteger(run) && run >= 0);
  return runs.length === counts.length ? runs : undefined;
}

/**
 * Decodes runs written as text: 5 bits per letter from `0` on, the sixth bit if more follow; from the third run on, the
 * difference to the last but one.
 */
function decodeRuns(text: string): number[] | undefined {
  const runs: number[] = [];
  for (let at = 0; at < text.length; ) {
    let [value, shift, more] = [0, 0, true];
    while (more) {
      const bits = text.charCodeAt(at++) - 48;
      if (!(bits >= 0 && bits < 64) || shift > 30) return undefined;
      value |= (bits & 31) << shift;
      shift += 5;
      more = (bits & 32) !== 0;
      if (!more && (bits & 16) !== 0 && shift < 32) value |= -1 << shift;
    }
    const run = value + (runs.length > 2 ? (runs.at(-2) ?? 0) : 0);
    if (run < 0) return undefined;
    runs.push(run);
  }
  return runs;
}

function boxOfRuns(runs: readonly number[], height: number): [number, number, number, number] | undefined {
  let [x1, y1, x2, y2] = [Number.POSITIVE_INFINITY, height, -1, -1];
  let start = 0;
  for (const [i, run] of runs.entries()) {
    const end = start + run;
    if (i % 2 === 1 && run > 0) {
      const [first, last] = [Math.floor(start / height), Math.floor((end - 1) / height)];
      x1 = Math.min(x1, first);
      x2 = Math.max(x2, last);
      // A run across the end of a column touches both top and bottom.
      y1 = Math.min(y1, first === last ? start % height : 0);
      y2 = Math.max(y2, first === last ? (end - 1) % height : height - 1);
    }
    start = end;
  }
  return x2 < 0 ? undefined : [x1, y1, x2 - x1 + 1, y2 - y1 + 1];
}

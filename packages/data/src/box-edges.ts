/** Boxes as annotation formats give them: edges in pixels. */

/** A box by its edges in pixels, counted from 0. */
export interface Edges {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

/**
 * `[cx, cy, w, h]`, normalized, of a box cut to its image; undefined when nothing is left. `describe` names file and box in
 * the warning that either leads to.
 */
export function normalizeBox(
  edges: Edges,
  { width, height }: { width: number; height: number },
  describe: string,
  warnings: string[],
): [number, number, number, number] | undefined {
  const within = (value: number, limit: number) => Math.min(Math.max(value, 0), limit);
  const [x1, x2] = [within(edges.x1, width), within(edges.x2, width)];
  const [y1, y2] = [within(edges.y1, height), within(edges.y2, height)];
  if (!(x2 > x1 && y2 > y1)) {
    warnings.push(`${describe} of a ${width}x${height} image is empty and is left out`);
    return undefined;
  }
  if (x1 !== edges.x1 || x2 !== edges.x2 || y1 !== edges.y1 || y2 !== edges.y2) {
    warnings.push(`${describe} of a ${width}x${height} image is cut to the image`);
  }
  return [(x1 + x2) / 2 / width, (y1 + y2) / 2 / height, (x2 - x1) / width, (y2 - y1) / height];
}

/**
 * Order in which the axes of a value lie in memory. Stored axis `i` is axis `layout[i]` of the graph's value, so a
 * transposition only changes the layout, and data moves where a kernel asks for another order.
 */
export type Layout = readonly number[];

/** Images as tfjs' kernels want them. */
export const NHWC: Layout = [0, 2, 3, 1];
/** Weights `[O, I, kH, kW]` as tfjs' kernels want them. */
export const HWIO: Layout = [2, 3, 1, 0];

export const identity = (rank: number): Layout => Array.from({ length: rank }, (_, i) => i);

export const isIdentity = (layout: Layout) => layout.every((axis, i) => axis === i);

/** `[N, C, ...]` with the channel last: `NHWC` for four axes. */
export function channelsLast(rank: number): Layout {
  return [...identity(rank).filter((axis) => axis !== 1), 1];
}

/** The stored shape of a value of `shape`. */
export const stored = (shape: readonly number[], layout: Layout) => layout.map((axis) => shape[axis]);

/** Position in memory of axis `axis` of the graph's value. */
export const storedAxis = (layout: Layout, axis: number) => layout.indexOf(axis);

/** Permutation that brings a tensor stored as `from` to the order `to`. */
export const between = (from: Layout, to: Layout) => to.map((axis) => from.indexOf(axis));

/** The layout of the value's transposition: nothing moves. */
export const transposed = (layout: Layout, perm: readonly number[]): Layout =>
  layout.map((axis) => perm.indexOf(axis));

/** The layout that remains when axes of the value go away. */
export function without(layout: Layout, axes: readonly number[]): Layout {
  const left = layout.filter((axis) => !axes.includes(axis));
  return left.map((axis) => axis - axes.filter((gone) => gone < axis).length);
}

/** Tells whether a transposition keeps the order of the elements: only axes of size 1 change places. */
export function keepsOrder(shape: readonly number[], perm: readonly number[]): boolean {
  const moved = perm.filter((axis) => shape[axis] !== 1);
  return moved.every((axis, i) => i === 0 || moved[i - 1] < axis);
}

/**
 * The layout of a value reshaped from `from` to `to` without moving data, where that is possible: each axis, or run
 * of axes that lie together, is split or merged on its own.
 */
export function reshaped(from: readonly number[], to: readonly number[], layout: Layout): Layout | undefined {
  const groups = axisGroups(from, to);
  if (!groups) return undefined;
  const placed = groups.map((group) => ({ ...group, at: group.from.map((axis) => layout.indexOf(axis)) }));
  if (placed.some(({ at }) => at.some((position, i) => position !== at[0] + i))) return undefined;
  return placed.sort((a, b) => a.at[0] - b.at[0]).flatMap((group) => group.to);
}

interface AxisGroup {
  readonly from: number[];
  readonly to: number[];
}

/** The shortest runs of axes of both shapes that hold equally many elements. */
function axisGroups(from: readonly number[], to: readonly number[]): AxisGroup[] | undefined {
  if (from.length === 0 || to.length === 0 || from.includes(0)) return undefined;
  const groups: AxisGroup[] = [];
  let [i, j] = [0, 0];
  while (i < from.length && j < to.length) {
    const group: AxisGroup = { from: [i], to: [j] };
    let [left, right] = [from[i++], to[j++]];
    while (left !== right) {
      if (left < right) {
        group.from.push(i);
        left *= from[i++];
      } else {
        group.to.push(j);
        right *= to[j++];
      }
    }
    groups.push(group);
  }
  // What is left has size 1.
  const last = groups[groups.length - 1];
  while (i < from.length) last.from.push(i++);
  while (j < to.length) last.to.push(j++);
  return groups;
}

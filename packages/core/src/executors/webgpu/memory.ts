/** Places the values of a run in one buffer: values that are never needed together share a place. */
import { accessesOf, type Part, sizeInMemory } from '../../fusion/parts.js';
import type { LaunchPlan } from '../../fusion/plan.js';
import { placeOf } from '../../fusion/views.js';
import { GraphError, type Node } from '../../graph/node.js';
import type { Sizes } from '../../ops/op.js';
import { sizeOf } from '../../ops/shapes.js';
import type { Slot } from './code.js';

export interface Memory {
  /** Size in elements of four bytes. */
  readonly size: number;
  /** The value of a slot. */
  resolve(slot: Slot): number;
  /** Offset of a leaf, a part of one, or a written value, in elements: for a constant in the buffer of those. */
  offsetOf(node: Node): number;
}

/** A value, or a part of what was prepared for one. */
interface Item {
  readonly key: string;
  readonly size: number;
  /** First and last launch that needs it. */
  readonly first: number;
  last: number;
}

/** Elements; offsets are multiples of it. */
const ALIGNMENT = 64;

const itemKey = (node: Node, part: Part) => `${node.id} ${part}`;

/**
 * @param leaves inputs and parameters
 * @param outputs stay to the end
 * @param constants offsets of the constants in their own buffer
 */
export function planMemory(
  plan: LaunchPlan,
  leaves: readonly Node[],
  outputs: readonly Node[],
  constants: ReadonlyMap<Node, number>,
  sizes: Sizes,
): Memory {
  const { offsets, size } = place(itemsOf(plan, leaves, outputs, sizes));
  const offset = (key: string) => {
    const found = offsets.get(key);
    if (found === undefined) throw new GraphError(`nothing lies in the memory for "${key}"`);
    return found;
  };
  const offsetOf = (node: Node) => {
    const place = placeOf(node);
    return place.offset + (constants.get(place.base) ?? offset(itemKey(place.base, 'value')));
  };
  return {
    size,
    offsetOf,
    resolve: (slot) => {
      if (slot.kind === 'dim') return sizeOf(slot.dim, sizes);
      return slot.part === 'value' ? offsetOf(slot.node) : offset(itemKey(slot.node, slot.part));
    },
  };
}

function itemsOf(
  { launches, written }: LaunchPlan,
  leaves: readonly Node[],
  outputs: readonly Node[],
  sizes: Sizes,
): Item[] {
  const items = new Map<string, Item>();
  const need = (read: Node, part: Part, at: number) => {
    const node = part === 'value' ? placeOf(read).base : read;
    if (node.value) return;
    const key = itemKey(node, part);
    const known = items.get(key);
    if (known) known.last = Math.max(known.last, at);
    else items.set(key, { key, size: sizeInMemory(node, part, sizes), first: at, last: at });
  };
  for (const node of leaves) need(node, 'value', -1);
  for (const [at, launch] of launches.entries())
    for (const { node, part } of accessesOf(launch, written)) need(node, part, at);
  for (const node of outputs) need(node, 'value', launches.length);
  return [...items.values()];
}

/** Gives each item the first gap that is large enough while it is needed. */
function place(items: readonly Item[]): { offsets: Map<string, number>; size: number } {
  const offsets = new Map<string, number>();
  let placed: { readonly from: number; readonly to: number; readonly last: number }[] = [];
  let size = ALIGNMENT;
  for (const { key, size: wanted, first, last } of [...items].sort((a, b) => a.first - b.first)) {
    placed = placed.filter((other) => other.last >= first).sort((a, b) => a.from - b.from);
    const length = Math.max(Math.ceil(wanted / ALIGNMENT), 1) * ALIGNMENT;
    let from = 0;
    for (const other of placed) {
      if (other.from - from >= length) break;
      from = Math.max(from, other.to);
    }
    offsets.set(key, from);
    placed.push({ from, to: from + length, last });
    size = Math.max(size, from + length);
  }
  return { offsets, size };
}

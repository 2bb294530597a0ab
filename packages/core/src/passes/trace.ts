/** Traces of passes: the changes that each makes to a graph. */
import type { Graph } from '../graph/node.js';
import { type OpCount, opCounts } from '../graph/op-counts.js';
import { type NamedPass, PASSES } from './passes.js';

export interface PassTrace {
  readonly name: string;
  /** Graph returned by the pass. */
  readonly graph: Graph;
  /** Number of ops, without leaves. */
  readonly before: number;
  readonly after: number;
  /** Ops whose number changed. */
  readonly changes: readonly OpChange[];
}

export interface OpChange {
  readonly op: string;
  readonly before: number;
  readonly after: number;
}

/**
 * Runs passes one after the other.
 * @param passes those of `optimize` unless given
 */
export function tracePasses(graph: Graph, passes: readonly NamedPass[] = PASSES): PassTrace[] {
  let current = graph;
  return passes.map(({ name, pass }) => {
    const before = opCounts(current);
    current = pass(current);
    const after = opCounts(current);
    return {
      name,
      graph: current,
      before: total(before),
      after: total(after),
      changes: changesBetween(before, after),
    };
  });
}

/** One line a pass: `foldBatchNorm: 412 → 355 ops; channelAffine 57 → 0, mul 3 → 60`. */
export function passTraceText({ name, before, after, changes }: PassTrace): string {
  const list = changes.map((change) => `${change.op} ${change.before} → ${change.after}`).join(', ');
  return `${name}: ${before} → ${after} ops${list ? `; ${list}` : ''}`;
}

function changesBetween(before: OpCount, after: OpCount): OpChange[] {
  const ops = [...new Set([...before.keys(), ...after.keys()])];
  return ops
    .map((op) => ({ op, before: before.get(op) ?? 0, after: after.get(op) ?? 0 }))
    .filter((change) => change.before !== change.after)
    .sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before));
}

const total = (counts: OpCount) => [...counts.values()].reduce((a, b) => a + b, 0);

/** Memory of a program on onnxruntime's CPU provider. */

import { bytesOf, given } from '../value.js';
import { copiesWindows } from '../work.js';
import type { Buffer } from './buffers.js';
import type { OnnxProgramPlan } from './program.js';

/**
 * What onnxruntime's arena takes for each byte that is alive at the worst time: buffers of many sizes don't fit the
 * holes that others left. Measured over freezes, image sizes and models: docs/results/plan.md.
 */
const ARENA_FACTOR = 1.12;

/** Most bytes of values that are alive at one time: activations, gradients, temporaries and results. */
export function mostAlive(buffers: readonly Buffer[], steps: number): number {
  const change = new Float64Array(steps + 1);
  for (const { bytes, first, last } of buffers) {
    change[first] += bytes;
    if (last < steps) change[last + 1] -= bytes;
  }
  let [alive, most] = [0, 0];
  for (const bytes of change) {
    alive += bytes;
    most = Math.max(most, alive);
  }
  return most;
}

/** Bytes of the buffers that outlive a run; onnxruntime's bindings hand out copies of them. */
function resultBytes(buffers: readonly Buffer[]): number {
  return buffers.reduce((sum, { bytes, last }) => sum + (Number.isFinite(last) ? 0 : bytes), 0);
}

/**
 * Number of windows of weight gradients, the largest, that get memory of their own: they come after the worst
 * time, are larger than all else, each of another size, and fit none of the holes.
 */
const WINDOWS_APART = 3;

/** Bytes that the executor takes from the system for runs of a program with those buffers, results and all. */
export function allocatedBytes(buffers: readonly Buffer[], { steps }: OnnxProgramPlan): number {
  const windows = steps.flatMap(({ step }) => (copiesWindows(step) ? [bytesOf(given(step.outputs, 0))] : []));
  const apart = windows.sort((a, b) => b - a).slice(0, WINDOWS_APART);
  const inArena = mostAlive(buffers, steps.length) * ARENA_FACTOR + apart.reduce((a, b) => a + b, 0);
  return inArena + resultBytes(buffers);
}

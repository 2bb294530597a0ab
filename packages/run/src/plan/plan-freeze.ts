/** What each depth of freezing costs. */
import type { FrozenBatchNorm } from '@froyolo/freeze';
import { type Detector, freezeFor } from '@froyolo/yolo';
import { type PlanOptions, planTrainingStep, type StepCost, type StepPlan } from './plan-step.js';

export interface PlanFreezeOptions extends PlanOptions {
  /** How many first layers are frozen, ascending. Default: every number from 0 to all but the head. */
  readonly depths?: readonly number[];
  readonly freezeBn?: FrozenBatchNorm;
  /** Called with each row once it is planned. */
  readonly onRow?: (row: FreezePlanRow) => void;
}

/** What a step costs, with its time over that of the first row without feature cache. */
export interface RelativeCost extends Omit<StepCost, 'seconds'> {
  readonly relativeTime: number;
}

export interface FreezePlanRow extends RelativeCost, Omit<StepPlan, 'seconds' | 'cached'> {
  /** Number of first layers that are frozen. */
  readonly depth: number;
  /** With the features of the frozen layers cached; absent if nothing is frozen. */
  readonly cached?: RelativeCost;
}

/**
 * Plans a training step for each depth, from the graphs that would run; nothing is run.
 * Memory is that of onnxruntime's CPU provider, whose order and buffers are known; see docs/results/plan.md.
 * @throws FreezeError when a depth freezes everything
 */
export function planFreeze(detector: Detector, options: PlanFreezeOptions): FreezePlanRow[] {
  const { depths = allDepths(detector), freezeBn = 'eval', onRow } = options;
  // By the number of frozen tensors: a layer without parameters costs what the depth before it does.
  const steps = new Map<number, ReturnType<typeof planTrainingStep>>();
  let first: number | undefined;
  return depths.map((depth) => {
    const freeze = freezeFor(detector, depth, { freezeBn });
    const { size } = freeze.frozen;
    const step = steps.get(size) ?? planTrainingStep(detector, freeze, options);
    steps.set(size, step);
    const { cached, seconds, ...plan } = step;
    first ??= seconds;
    const row = {
      depth,
      ...plan,
      relativeTime: seconds / first,
      ...(cached ? { cached: relativeTo(cached, first) } : {}),
    };
    onRow?.(row);
    return row;
  });
}

/** Every number of frozen layers, from none to all but the head. */
export function allDepths({ model }: Detector): number[] {
  return Array.from({ length: model.sections.head[0] + 1 }, (_, depth) => depth);
}

function relativeTo({ seconds, ...cost }: StepCost, first: number): RelativeCost {
  return { ...cost, relativeTime: seconds / first };
}

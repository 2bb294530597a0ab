/** `--freeze auto`: the shallowest freeze that fits into memory. */
import type { FrozenBatchNorm } from '@froyolo/freeze';
import { type Detector, freezeFor, TrainingError } from '@froyolo/yolo';
import { gigabytes } from './gigabytes.js';
import { allDepths } from './plan-freeze.js';
import { type PlanOptions, planTrainingStep } from './plan-step.js';
import { surroundingBytes } from './process-bytes.js';

export interface PickFreezeOptions extends PlanOptions {
  /** Bytes that the whole process may take. */
  readonly memory: number;
  /** Ascending. Default: every number from 0 to all but the head. */
  readonly depths?: readonly number[];
  readonly freezeBn?: FrozenBatchNorm;
  /** Whether features of the frozen layers are cached, so that the step starts at them. Default false. */
  readonly cacheFeatures?: boolean;
}

export interface PickedFreeze {
  /** Number of first layers that are frozen. */
  readonly depth: number;
  /** Bytes of the process at its peak, as planned. */
  readonly bytes: number;
  /** What was picked and why, for the user. */
  readonly reason: string;
}

/**
 * Plans freezes from the shallowest on until one fits.
 * @throws TrainingError when not even a freeze of all but the head does
 */
export function pickFreeze(detector: Detector, options: PickFreezeOptions): PickedFreeze {
  const { memory, depths = allDepths(detector), freezeBn = 'eval', cacheFeatures = false } = options;
  const surroundings = surroundingBytes(detector, options);
  const tried: { depth: number; bytes: number }[] = [];
  for (const depth of depths) {
    const freeze = freezeFor(detector, depth, { freezeBn });
    const plan = planTrainingStep(detector, freeze, options);
    const { peakBytes } = (cacheFeatures && plan.cached) || plan;
    const bytes = peakBytes + surroundings;
    if (bytes <= memory) return { depth, bytes, reason: reasonFor({ depth, bytes }, tried.at(-1), memory) };
    tried.push({ depth, bytes });
  }
  const least = tried.reduce((a, b) => (b.bytes < a.bytes ? b : a));
  throw new TrainingError(
    `no freeze fits into ${gigabytes(memory)}: the smallest, ${least.depth}, takes about ` +
      `${gigabytes(least.bytes)} with batches of ${options.batchSize} images of ${options.imgsz} px; ` +
      'use smaller batches or images, or allow more memory',
  );
}

interface Tried {
  readonly depth: number;
  readonly bytes: number;
}

function reasonFor({ depth, bytes }: Tried, shallower: Tried | undefined, memory: number): string {
  const picked = `freeze ${depth}: training takes about ${gigabytes(bytes)} of ${gigabytes(memory)}`;
  return shallower ? `${picked}; freeze ${shallower.depth} would take ${gigabytes(shallower.bytes)}` : picked;
}

/** Predicts the cost of every freeze depth, before anything runs. */
import { hypPresets } from '@froyolo/data';
import { type FreezePlanRow, planFreeze } from '@froyolo/run';
import { type PlanOptions, resolveSettings, SETTINGS } from '@froyolo/run/settings';
import type { CommonEvents } from './events.js';
import { fitImageSize } from './image-size.js';
import { plannedDetector } from './planned-detector.js';

export interface PlanEvents extends CommonEvents {
  /** After each depth. */
  onRow?(row: FreezePlanRow): void;
}

export interface Plan {
  readonly imgsz: number;
  readonly batchSize: number;
  readonly optimizer: string;
  readonly classes: number;
  /** One for each depth, from nothing frozen to all but the head. */
  readonly rows: readonly FreezePlanRow[];
}

/**
 * Memory, FLOPs and relative time of a training step at every depth of freezing, from the graphs that would run.
 * @throws FroyoloError for settings, weights or an architecture that can't be used
 */
export async function plan(options: PlanOptions, events: PlanEvents = {}): Promise<Plan> {
  const settings = resolveSettings(SETTINGS, 'plan', options);
  const { batchSize, optimizer, freezeBn } = settings;
  const detector = await plannedDetector(settings, events);
  const imgsz = fitImageSize(settings.imgsz, detector, events.onWarning);
  const rows = planFreeze(detector, {
    hyp: hypPresets['scratch-low'],
    imgsz,
    batchSize,
    optimizer,
    freezeBn,
    ...(events.onRow ? { onRow: events.onRow } : {}),
  });
  return { imgsz, batchSize, optimizer, classes: detector.names.length, rows };
}

/** Tells what each depth of freezing costs, before anything is run. */
import { hypPresets } from '@froyolo/data';
import { loadDatasetConfig } from '@froyolo/data/node';
import { loadArchitecture } from '@froyolo/run/node';
import {
  type PlanOptions,
  type PlanSettings,
  resolveSettings,
  SETTINGS,
  SettingsError,
} from '@froyolo/run/settings';
import { createDetector, type Detector, type FreezePlanRow, planFreeze } from '@froyolo/yolo';
import type { CommonEvents } from './events.js';
import { fitImageSize } from './image-size.js';
import { readDetector } from './opened-detector.js';

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
  const detector = await detectorFor(settings, events);
  const imgsz = fitImageSize(settings.imgsz, detector, events.onWarning);
  const rows = planFreeze(detector, {
    ...{ hyp: hypPresets['scratch-low'], imgsz, batchSize, optimizer, freezeBn },
    ...(events.onRow ? { onRow: events.onRow } : {}),
  });
  return { imgsz, batchSize, optimizer, classes: detector.names.length, rows };
}

/** Its values don't matter for a plan; the number of classes does. */
async function detectorFor(settings: PlanSettings, events: PlanEvents): Promise<Detector> {
  const names = await classNames(settings);
  if (settings.cfg !== undefined) {
    const { text, fileName } = await loadArchitecture(settings.cfg);
    if (!names) throw new SettingsError('cfg', 'it needs the number of classes: give nc or data');
    return createDetector(text, { fileName, names, seed: 0 });
  }
  const detector = await readDetector(settings.weights, events);
  return names ? createDetector(detector.model.spec.source, { names, seed: 0 }) : detector;
}

async function classNames({ data, nc }: PlanSettings): Promise<readonly string[] | undefined> {
  if (data !== undefined && nc !== undefined)
    throw new SettingsError('nc', 'data says the number of classes too: give one of them');
  if (data !== undefined) return (await loadDatasetConfig(data)).names;
  return nc === undefined ? undefined : Array.from({ length: nc }, (_, i) => `class${i}`);
}

/** What `froyolo devices` knows of a device. */
import { DEVICES, DeviceError, tryDevice } from '@froyolo/core/devices';
import { hypPresets } from '@froyolo/data';
import { architectureYaml } from '@froyolo/model-yaml';
import { createDetector, freezeFor } from '@froyolo/yolo';
import type { DeviceMemory } from '../../host.js';
import { measureSteps } from '../../measure-step.js';
import { nodeSupplies } from '../cuda/supplies.js';
import { deviceMemory } from './memory.js';

/** Plain JSON: it comes from a process of its own. */
export interface DeviceReport {
  readonly name: string;
  readonly available: boolean;
  /** Why it isn't. */
  readonly reason?: string;
  /** How to install what is missing, if installing helps. */
  readonly install?: string;
  /** Version of the package. */
  readonly version?: string;
  /** Threads it computes with, where it says so. */
  readonly threads?: number;
  /** What the driver calls it. */
  readonly adapter?: string;
  readonly memory?: DeviceMemory;
  /** Images per second of the step in `PROBE_STEP` with its update: the best of several. */
  readonly imagesPerSecond?: number;
}

/** The step that is measured. */
export const PROBE_STEP = { model: 'yolov5n', imgsz: 320, batchSize: 8, freeze: 10 } as const;
const STEPS = 4;

/**
 * Opens a device of the table and lets it compute; native packages that can't share a process, or that end it, want a
 * process of their own for this.
 * @param bench also measures how fast it trains
 * @throws DeviceError for a name that isn't in the table
 */
export async function probeDevice(name: string, bench = false): Promise<DeviceReport> {
  const device = DEVICES.find((row) => row.name === name);
  if (!device) throw new DeviceError(`there is no device "${name}"`);
  if (!device.platforms.includes('node')) return { name, available: false, reason: 'only in a browser' };
  const opened = await tryDevice(device, { platform: 'node', supplies: nodeSupplies });
  if ('reason' in opened) {
    const { device: _, ...why } = opened;
    return { name, available: false, ...why };
  }
  const { executor, version, threads, adapter } = opened;
  const memory = await deviceMemory({ device, index: 0 });
  const report = { name, available: true, version, threads, adapter, memory };
  if (!bench) return report;
  try {
    return { ...report, imagesPerSecond: await imagesPerSecond(executor) };
  } catch (error) {
    const reason = `it computes, but not a training step: ${error instanceof Error ? error.message : error}`;
    return { ...report, available: false, reason };
  }
}

async function imagesPerSecond(executor: Parameters<typeof measureSteps>[1]): Promise<number> {
  const { model, imgsz, batchSize, freeze: depth } = PROBE_STEP;
  const detector = createDetector(architectureYaml(model), { names: ['a', 'b', 'c'], seed: 0 });
  const freeze = freezeFor(detector, depth);
  const options = { freeze, imgsz, hyp: hypPresets['scratch-low'], optimizer: 'SGD' } as const;
  const { seconds } = await measureSteps(detector, executor, options, {
    batchSize,
    steps: STEPS,
    processBytes: () => process.memoryUsage.rss(),
  });
  return batchSize / Math.min(...seconds);
}

/**
 * Which of a browser's WebGPU devices trains fastest: a short step of each tells, once per GPU and browser, in two seconds
 * at most.
 */
import {
  DEVICES,
  type Device,
  type Opened,
  type OpenedDevice,
  openDevice,
  tryDevice,
  webgpuAdapter,
} from '@froyolo/core/devices';
import { hypPresets } from '@froyolo/data';
import { architectureYaml } from '@froyolo/model-yaml';
import { createDetector, freezeFor } from '@froyolo/yolo';
import { z } from 'zod';
import { measureSteps } from '../measure-step.js';
import { type OwnValues, ownValues } from './own-values.js';

/**
 * The devices to choose from, in the order of the table. Not `ort-webgpu`: its WebAssembly is tens of megabytes to fetch,
 * and no whole step of it was seen to be right.
 */
const CONTESTANTS: readonly string[] = ['tfjs-webgpu', 'wgsl'];
const BUDGET_MS = 2000;
/** A step with few programs: compiling them is part of the time that there is. */
const STEP = { model: 'yolov5n', imgsz: 320, batchSize: 4, freeze: 24 } as const;
const STEPS = 3;

export interface Contest {
  /** Says which GPU and browser it is. */
  readonly key: string;
  readonly memory: OwnValues;
  /** All that are opened take part, one after the other. */
  readonly devices: readonly { readonly name: string; measure(): Promise<number> }[];
  readonly budgetMs: number;
}

const rememberedSchema = z.object({ key: z.string(), device: z.string() });

/**
 * Opens a device; of several that WebGPU has the one that was measured to be the fastest.
 * @param request as after `--device`
 * @throws DeviceError where none that answers to it works
 */
export async function openBrowserDevice(request = 'auto'): Promise<OpenedDevice> {
  const key = ['auto', 'webgpu'].includes(request) ? await gpuKey() : undefined;
  if (key === undefined) return openDevice(request);
  const known = await rememberedDevice(key, ownValues);
  if (known !== undefined) return openDevice(request, { first: [known] });
  return (await openFastest(key)) ?? openDevice(request);
}

/** Undefined without a GPU, or where it is imitated on the CPU: there a step takes seconds, and `auto` passes it by. */
async function gpuKey(): Promise<string | undefined> {
  const found = await webgpuAdapter().catch(() => undefined);
  if (!found || found.software) return undefined;
  return JSON.stringify({ adapter: found.adapter ?? '', browser: navigator.userAgent, step: STEP });
}

export async function rememberedDevice(key: string, memory: OwnValues): Promise<string | undefined> {
  const found = rememberedSchema.safeParse(await memory.read('device'));
  return found.success && found.data.key === key ? found.data.device : undefined;
}

/** Undefined where fewer than two work. */
async function openFastest(key: string): Promise<OpenedDevice | undefined> {
  const opened = await openAll(DEVICES.filter(({ name }) => CONTESTANTS.includes(name)));
  if (opened.length < 2) {
    for (const { executor } of opened) await executor.dispose();
    return undefined;
  }
  const measured = new Map<string, Promise<number>>();
  const contest = opened.map(({ device: { name }, executor }) => ({
    name,
    measure: () => {
      const figure = imagesPerSecond(executor);
      measured.set(name, figure);
      return figure;
    },
  }));
  const figures = await fastest({ key, memory: ownValues, devices: contest, budgetMs: BUDGET_MS });
  const ranked = [...figures.keys()].flatMap((name) => opened.filter(({ device }) => device.name === name));
  const [first, ...others] = ranked;
  // What is still under way ends before its device does.
  for (const { device, executor } of others)
    void (measured.get(device.name) ?? Promise.resolve()).catch(() => {}).finally(() => executor.dispose());
  return (
    first && { ...first, index: 0, passed: others.map(({ device }) => slower(device, first.device, figures)) }
  );
}

type Candidate = Opened & { readonly device: Device };

async function openAll(devices: readonly Device[]): Promise<Candidate[]> {
  const opened: Candidate[] = [];
  for (const device of devices) {
    const one = await tryDevice(device, { platform: 'browser' });
    if (!('reason' in one)) opened.push({ ...one, device });
  }
  return opened;
}

function slower(device: Device, first: Device, figures: ReadonlyMap<string, number>) {
  const rate = (row: Device) => (figures.get(row.name) ?? 0).toFixed(1);
  return { device, reason: `slower here: ${rate(device)} images/s, ${first.name} has ${rate(first)}` };
}

/**
 * Measures devices one after the other and remembers the fastest. One that isn't done in its share of the time counts as
 * having done nothing; where none is, the first one is remembered, so that the time isn't spent again.
 * @returns images per second by device, from the fastest on
 */
export async function fastest({ key, memory, devices, budgetMs }: Contest): Promise<Map<string, number>> {
  const figures: [name: string, imagesPerSecond: number][] = [];
  const share = budgetMs / devices.length;
  for (const { name, measure } of devices) figures.push([name, await within(share, measure())]);
  const ranked = new Map(figures.sort(([, a], [, b]) => b - a));
  const [first] = ranked.keys();
  if (first !== undefined) await memory.write('device', { key, device: first });
  return ranked;
}

/** 0 for what fails, or isn't there in time. */
async function within(milliseconds: number, figure: Promise<number>): Promise<number> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<number>((resolve) => {
    timer = setTimeout(() => resolve(0), milliseconds);
  });
  try {
    return await Promise.race([figure.catch(() => 0), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function imagesPerSecond(executor: Opened['executor']): Promise<number> {
  const { model, imgsz, batchSize, freeze: depth } = STEP;
  const detector = createDetector(architectureYaml(model), { names: ['a', 'b', 'c'], seed: 0 });
  const options = {
    freeze: freezeFor(detector, depth),
    imgsz,
    hyp: hypPresets['scratch-low'],
    optimizer: 'SGD',
  } as const;
  const measuring = { batchSize, steps: STEPS, processBytes: () => 0 };
  const { seconds } = await measureSteps(detector, executor, options, measuring);
  return batchSize / Math.min(...seconds);
}

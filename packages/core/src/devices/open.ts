/** Opens a working device for a request. */
import { debugLevel } from '../debug.js';
import type { Executor } from '../executors/executor.js';
import { input, type Tensor, tensor } from '../graph/node.js';
import { isMissing } from '../load.js';
import { add, conv2d } from '../ops/build.js';
import { debugExecutor } from './debug.js';
import type { Device, Opened, OpenOptions, Platform } from './device.js';
import { DeviceError, firstLine } from './errors.js';
import { guardExecutor } from './guard.js';
import { parseDevice } from './request.js';
import { DEVICES } from './table.js';

export interface OpenDeviceOptions extends Omit<OpenOptions, 'index' | 'platform'> {
  /** Default: the platform of this process or page. */
  readonly platform?: Platform;
  /** Names of devices that are tried before the others, in this order. */
  readonly first?: readonly string[];
  /** Whether an executor is of use: of several devices that answer to the request, others are passed by. */
  suits?(executor: Executor): boolean;
}

export interface OpenedDevice extends Opened {
  readonly device: Device;
  /** Number among several devices, as in `cuda:1`. */
  readonly index: number;
  /** Devices that were skipped, with reasons. */
  readonly passed: readonly Unavailable[];
}

export interface Unavailable {
  readonly device: Device;
  readonly reason: string;
  /** How to install the missing package, if one is missing. */
  readonly install?: string;
}

/** Node, unless there is a page or a web worker around. */
export function currentPlatform(): Platform {
  const inNode = typeof process !== 'undefined' && process.versions?.node !== undefined;
  return inNode && !('WorkerGlobalScope' in globalThis) && !('document' in globalThis) ? 'node' : 'browser';
}

/**
 * The executor of the first device that answers to `request` and works: each is opened and computes something small.
 * @param request `auto`, `cpu`, `cuda`, `cuda:1`, `webgpu`, `wasm`, or a name of `DEVICES`
 * @throws DeviceError where none works: why, and how to install what is missing
 */
export async function openDevice(request = 'auto', options: OpenDeviceOptions = {}): Promise<OpenedDevice> {
  const { platform = currentPlatform() } = options;
  const { text, candidates, index, auto } = parseDevice(request, platform);
  const passed: Unavailable[] = [];
  for (const device of preferred(candidates, options.first)) {
    const opened = await tryDevice(device, { ...options, platform, index });
    if ('reason' in opened) passed.push(opened);
    else if (auto && opened.software) passed.push(await passBy(device, opened, IMITATED));
    else if (candidates.length > 1 && options.suits?.(opened.executor) === false)
      passed.push(await passBy(device, opened, OTHER_FILES));
    else return { ...opened, device, index, passed };
  }
  throw new DeviceError(noneWorks(text, passed));
}

function preferred(candidates: readonly Device[], first: readonly string[] = []): readonly Device[] {
  const named = first.flatMap((name) => candidates.filter((row) => row.name === name));
  return [...named, ...candidates.filter((row) => !named.includes(row))];
}

const IMITATED = 'the GPU is emulated on the CPU, which is slow; name the device to use it anyway';
const OTHER_FILES = "it can't run files of this kind";

async function passBy(device: Device, { executor }: Opened, reason: string): Promise<Unavailable> {
  await executor.dispose();
  return { device, reason };
}

/** Opens a device and lets it compute something small; the reason where that fails. */
export async function tryDevice(device: Device, options: OpenOptions): Promise<Opened | Unavailable> {
  try {
    const opened = await device.open(options);
    const executor = guardExecutor(opened.executor);
    await computeSmall(executor);
    return { ...opened, executor: debugLevel() > 0 ? debugExecutor(executor) : executor };
  } catch (error) {
    return { device, ...reasonOf(device, error) };
  }
}

/** Every device of a platform, opened or with the reason why not. */
export function devicesOf(platform: Platform = currentPlatform()): readonly Device[] {
  return DEVICES.filter(({ platforms }) => platforms.includes(platform));
}

/** A convolution of ones: 9 at the center, and what is added. */
async function computeSmall(executor: Opened['executor']): Promise<void> {
  const ones = (shape: number[]): Tensor => tensor(new Float32Array(9).fill(1), shape);
  const [x, w] = [input('x', [1, 1, 3, 3]), input('w', [1, 1, 3, 3])];
  const y = add(conv2d(x, w, undefined, { stride: 1, pad: 0 }), 1);
  const program = await executor.compile({ outputs: { y } });
  const { y: result } = await program.run({ x: ones([1, 1, 3, 3]), w: ones([1, 1, 3, 3]) });
  await program.dispose();
  if (Math.abs(result.data[0] - 10) > 0.01) throw new Error(`it computes 9 + 1 = ${result.data[0]}`);
}

function reasonOf({ packages, install }: Device, error: unknown): Pick<Unavailable, 'reason' | 'install'> {
  const missing = packages.find((name) => isMissing(error, name));
  if (missing !== undefined) return { reason: `${missing} is not installed`, install };
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const reason = firstLine(cause);
  return /librar(y|ies)|shared object|native addon/i.test(reason) ? { reason, install } : { reason };
}

function noneWorks(text: string, passed: readonly Unavailable[]): string {
  const lines = passed.map(
    ({ device, reason, install }) =>
      `  ${device.name}: ${reason}${install ? `; to install: ${install}` : ''}`,
  );
  return [`no device for "${text}" works here:`, ...lines].join('\n');
}

/** The executor of Node, by device. */
import type { Executor } from '@froyolo/core';
import { type OpenedDevice, openDevice } from '@froyolo/core/devices';
import { type Detector, runsOn } from '@froyolo/yolo';
import { measuredOrder } from './auto/order.js';
import { nodeSupplies } from './cuda/supplies.js';

export interface NodeDeviceOptions {
  /** `auto` (default), `cpu`, `cuda`, `cuda:1`, `webgpu`, `wasm`, or a name of the device table. */
  readonly device?: string;
  /** Threads of a device that has them. By default it decides. */
  readonly threads?: number;
  /** The detector that will run: of several devices that answer, the first that runs its file counts. */
  readonly detector?: Detector;
  /**
   * Whether the CPU's devices are measured where several are installed and that was never done, which takes some seconds.
   * Default false.
   */
  readonly mayMeasure?: boolean;
  /** Is told that something takes a while, in words: devices that are measured to find the fastest. */
  onNote?: ((text: string) => void) | undefined;
}

/**
 * The first device that answers to the request and works; of several CUDA devices, or of several of the CPU, the one that
 * was measured to be the fastest. Its package is loaded when this is called.
 * @throws DeviceError with the reasons, and how to install what is missing
 */
export async function openNodeDevice({
  device = 'auto',
  threads,
  detector,
  mayMeasure = false,
  onNote,
}: NodeDeviceOptions = {}): Promise<OpenedDevice> {
  const first = await measuredOrder(device, { mayMeasure, onNote });
  return openDevice(device, {
    platform: 'node',
    supplies: nodeSupplies,
    ...(first ? { first } : {}),
    ...(threads === undefined ? {} : { threads }),
    ...(detector ? { suits: (executor) => runsOn(detector, executor) } : {}),
  });
}

/** The executor of that device. */
export async function createNodeExecutor(options: NodeDeviceOptions = {}): Promise<Executor> {
  return (await openNodeDevice(options)).executor;
}

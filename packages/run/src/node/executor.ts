/** The executor of Node, by device. */
import type { Executor } from '@froyolo/core';
import { type OpenedDevice, openDevice } from '@froyolo/core/devices';
import { type Detector, runsOn } from '@froyolo/yolo';

export interface NodeDeviceOptions {
  /** `auto` (default), `cpu`, `cuda`, `cuda:1`, `webgpu`, `wasm`, or a name of the device table. */
  readonly device?: string;
  /** Threads of a device that has them. By default it decides. */
  readonly threads?: number;
  /** The detector that will run: of several devices that answer, the first that runs its file counts. */
  readonly detector?: Detector;
}

/**
 * The first device that answers to the request and works. Its package is loaded when this is called.
 * @throws DeviceError with the reasons, and how to install what is missing
 */
export function openNodeDevice({
  device = 'auto',
  threads,
  detector,
}: NodeDeviceOptions = {}): Promise<OpenedDevice> {
  return openDevice(device, {
    platform: 'node',
    ...(threads === undefined ? {} : { threads }),
    ...(detector ? { suits: (executor) => runsOn(detector, executor) } : {}),
  });
}

/** The executor of that device. */
export async function createNodeExecutor(options: NodeDeviceOptions = {}): Promise<Executor> {
  return (await openNodeDevice(options)).executor;
}

/** Where to compute: `--device`. */
import { DeviceError, type OpenedDevice, parseDevice, parseDevices } from '@froyolo/core/devices';
import { describeDevice } from '@froyolo/run';
import { UsageError } from './errors.js';
import type { Terminal } from './output/terminal.js';

/**
 * @param work what is done on it, such as `validation`
 * @throws UsageError for several devices, or one that there never is; whether one is there is only known once it is opened
 */
export function checkDevice(device = 'auto', work = 'this'): void {
  if (device.includes(','))
    throw new UsageError(`--device ${device}: ${work} runs on one device; name one, such as 0. ${SEVERAL}`);
  asUsage(() => parseDevice(device, 'node'));
}

const SEVERAL = 'compare, train --evolve and benchmarks use several, for one run each at a time';

/** The same where there may be several. */
export function checkDevices(devices = 'auto'): void {
  asUsage(() => parseDevices(devices, 'node'));
}

function asUsage(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    throw error instanceof DeviceError ? new UsageError(`--device: ${error.message}`) : error;
  }
}

/** Says which device was opened. */
export function printDevice(opened: OpenedDevice, terminal: Terminal): void {
  terminal.note(`Computing on ${describeDevice(opened)}`);
  if (opened.device.slowStart) terminal.note(opened.device.slowStart);
}

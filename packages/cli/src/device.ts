/** Where to compute: `--device`. */
import { DeviceError, type OpenedDevice, parseDevice } from '@froyolo/core/devices';
import { describeDevice } from '@froyolo/run';
import { UsageError } from './errors.js';
import type { Terminal } from './output/terminal.js';

/** @throws UsageError for a device that there never is; whether one is there is only known once it is opened */
export function checkDevice(device = 'auto'): void {
  try {
    parseDevice(device, 'node');
  } catch (error) {
    throw error instanceof DeviceError ? new UsageError(`--device: ${error.message}`) : error;
  }
}

/** Says which device was opened. */
export function printDevice(opened: OpenedDevice, terminal: Terminal): void {
  terminal.note(`Computing on ${describeDevice(opened)}`);
}

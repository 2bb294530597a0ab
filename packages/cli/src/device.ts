/** Where to compute: `--device`. */
import { DeviceError, type OpenedDevice, parseDevice } from '@froyolo/core/devices';
import { describeDevice, openNodeDevice } from '@froyolo/run/node';
import { UsageError } from './errors.js';
import type { Terminal } from './output/terminal.js';

/** @throws UsageError for a device that there never is; whether one is there is only known once it is opened */
export function checkDevice(device: string): void {
  try {
    parseDevice(device, 'node');
  } catch (error) {
    throw error instanceof DeviceError ? new UsageError(`--device: ${error.message}`) : error;
  }
}

/** Opens the device that `--device` asks for and says which it is. */
export async function openFlaggedDevice(device: string, terminal: Terminal): Promise<OpenedDevice> {
  checkDevice(device);
  const opened = await openNodeDevice({ device });
  terminal.note(`Computing on ${describeDevice(opened)}`);
  return opened;
}

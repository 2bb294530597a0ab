/** Where to compute. */
import { UsageError } from './errors.js';

/** Names of `--device`; an empty one is YOLOv5's way to say `auto`. */
const DEVICES = ['auto', 'cpu', ''];

/** @throws UsageError for a device that there is no executor for */
export function checkDevice(device: string): void {
  if (!DEVICES.includes(device))
    throw new UsageError(`--device ${device} is not available yet: auto and cpu compute on the CPU`);
}

/** Tests of a device of the table, in a process of their own: some native packages can't share one. */
import { DEVICES, tryDevice } from '@froyolo/core/devices';
import { describeTrainingStep, type ParityOptions } from '../parity/training-step.js';

/** The training step on the device of that name; skipped, and why is in the title, if it does not exist. */
export async function describeDevice(
  name: string,
  options: Omit<ParityOptions, 'missing'> = {},
): Promise<void> {
  const device = DEVICES.find((row) => row.name === name)!;
  // Several threads of WASM wait by spinning, which takes the time of the tests beside this one.
  const opened = await tryDevice(device, { platform: 'node', threads: 1 });
  if ('reason' in opened) describeTrainingStep(name, () => Promise.reject(), { missing: opened.reason });
  else describeTrainingStep(name, () => opened.executor, options);
}

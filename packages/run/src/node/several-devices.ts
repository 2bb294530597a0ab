/** The setting `device` where it may name several GPUs, for runs that are done at the same time. */
import { nvidiaSmiTexts, visibleGpus } from '@froyolo/common/node';
import { DeviceError, parseDevice, parseDevices } from '@froyolo/core/devices';

/**
 * Reads one device, or several GPUs such as `0,1`, and looks whether this process sees those. A single device isn't looked
 * for: opening it tells more.
 * @returns settings of one device each
 * @throws DeviceError for what can't be read, or naming the GPUs that are there
 */
export async function severalDevices(device: string): Promise<string[]> {
  const devices = parseDevices(device, 'node');
  if (devices.length === 1) return devices;
  const seen = await seenGpus();
  const missing = devices
    .map((text) => parseDevice(text, 'node').index)
    .find((index) => index >= seen.length);
  if (missing !== undefined) throw new DeviceError(`device "${device}": ${noSuch(missing, seen)}`);
  return devices;
}

/** Names of the GPUs that this process sees, in its own order. */
async function seenGpus(): Promise<string[]> {
  const all = await nvidiaSmiTexts(['index', 'uuid', 'name']);
  const visible = visibleGpus() ?? all.map(({ index }) => index);
  return visible
    .flatMap((id) => all.filter(({ index, uuid }) => id === index || uuid.startsWith(id)))
    .map(({ name }) => name);
}

function noSuch(index: number, seen: readonly string[]): string {
  const list = seen.map((name, number) => `${number} (${name})`).join(', ');
  const there = list === '' ? 'the NVIDIA driver lists none here' : `there is ${list}`;
  const hiding = visibleGpus() ? ', with what CUDA_VISIBLE_DEVICES leaves' : '';
  return `there is no GPU ${index}: ${there}${hiding}; "froyolo devices" tells what is there`;
}

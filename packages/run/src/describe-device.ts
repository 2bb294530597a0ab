import type { OpenedDevice } from '@froyolo/core/devices';

/** The device in words, such as `ort-cuda 1.30.0 (NVIDIA H100)`. */
export function describeDevice({ device, version, adapter }: OpenedDevice): string {
  return `${device.name} ${version}${adapter ? ` (${adapter})` : ''}`;
}

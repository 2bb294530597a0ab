/** A detector on a device, from a checkpoint. */
import type { OpenedDevice } from '@froyolo/core/devices';
import { loadDetector, type NodeDeviceOptions, openNodeDevice } from '@froyolo/run/node';
import type { Detector } from '@froyolo/yolo';
import type { CommonEvents } from './events.js';

export interface DeviceEvents extends CommonEvents {
  /** The device that computes. */
  onDevice?(device: OpenedDevice): void;
}

/** Loads a detector, or an ensemble; an official checkpoint from the network unless it is there. */
export function readDetector(weights: string | readonly string[], events: CommonEvents): Promise<Detector> {
  return loadDetector(weights, {
    ...(events.signal ? { signal: events.signal } : {}),
    onDownload: (done, total) => events.onDownload?.(done, total),
    onWarning: (text) => events.onWarning?.(text),
  });
}

/** Does something on a device and frees it afterwards. */
export async function withDevice<T>(
  settings: Pick<NodeDeviceOptions, 'threads' | 'detector'> & { readonly device: string },
  events: DeviceEvents,
  work: (device: OpenedDevice) => Promise<T>,
): Promise<T> {
  const opened = await openNodeDevice({ ...settings, onNote: (text) => events.onNote?.(text) });
  try {
    events.onDevice?.(opened);
    return await work(opened);
  } finally {
    await opened.executor.dispose();
  }
}

/** The device in use. */

import { signal } from '@preact/signals';
import type { DeviceChoice, DeviceInfo } from '../worker/api.js';
import { wordsOf } from './error-words.js';
import { trainer } from './workers.js';

export type DeviceState =
  | { readonly state: 'unknown' }
  | { readonly state: 'looking' }
  | { readonly state: 'failed'; readonly reason: string }
  | { readonly state: 'ready' | 'limited'; readonly device: DeviceInfo };

export const device = signal<DeviceState>({ state: 'unknown' });
/** Devices to choose from. */
export const devices = signal<readonly DeviceChoice[]>([]);

export function showDevice(found: DeviceInfo): void {
  const isLimited = found.name.endsWith('wasm') && !found.isolated;
  device.value = { state: isLimited ? 'limited' : 'ready', device: found };
}

/** Finds out which device a request means; what is wrong with it is shown with it. */
export async function lookForDevice(request: string): Promise<void> {
  device.value = { state: 'looking' };
  try {
    if (devices.value.length === 0) devices.value = await trainer().devices();
    showDevice(await trainer().device(request));
  } catch (error) {
    device.value = { state: 'failed', reason: wordsOf(error) };
  }
}

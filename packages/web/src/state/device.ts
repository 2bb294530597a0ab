/** The device in use. */

import { signal } from '@preact/signals';
import { texts } from '../texts/index.js';
import type { DeviceInfo } from '../worker/api.js';
import { wordsOf } from './error-words.js';
import { trainer } from './workers.js';

export type DeviceState =
  | { readonly state: 'unknown' }
  | { readonly state: 'looking' }
  | { readonly state: 'failed'; readonly reason: string }
  | { readonly state: 'ready' | 'limited'; readonly device: DeviceInfo };

export const device = signal<DeviceState>({ state: 'unknown' });
/** Names of the devices to choose from. */
export const devices = signal<readonly string[]>([]);

export function showDevice(found: DeviceInfo): void {
  const isLimited = found.name.endsWith('wasm') && !found.isolated;
  device.value = { state: isLimited ? 'limited' : 'ready', device: found };
}

/** The display name of a row of the device table; by default the name in the table. */
export const titleOf = (name: string) => texts.value.device.titles[name] ?? name;

export function describe({ name, adapter, threads, software }: DeviceInfo): string {
  const { device: words } = texts.value;
  const parts = [
    titleOf(name),
    adapter,
    threads === undefined ? undefined : words.threads(threads),
    software ? words.software : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(' · ');
}

/** Finds the device that a request means; problems are shown with it. */
export async function lookForDevice(request: string): Promise<void> {
  device.value = { state: 'looking' };
  try {
    if (devices.value.length === 0) devices.value = await trainer().devices();
    showDevice(await trainer().device(request));
  } catch (error) {
    device.value = { state: 'failed', reason: wordsOf(error) };
  }
}

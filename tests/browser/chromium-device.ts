/** Devices in Chromium, as tests want them: opened, or the reason for the titles of what is skipped. */
import { findChromium, NO_CHROMIUM, openChromiumDevice, reasonOf } from '@froyolo/chromium';
import type { Executor } from '@froyolo/core';
import { vi } from 'vitest';

// A GPU that is imitated on the CPU, on a machine that has other work, takes minutes for a step.
vi.setConfig({ testTimeout: 400_000, hookTimeout: 400_000 });

export interface DeviceUnderTest {
  readonly title: string;
  readonly executor?: Executor;
  /** Why there is none. */
  readonly missing?: string;
}

export interface ChromiumDeviceOptions {
  /** WebGPU seems to have none of the features that not every GPU has. */
  readonly withoutFeatures?: boolean;
}

export async function tryChromiumDevice(
  name: string,
  options: ChromiumDeviceOptions = {},
): Promise<DeviceUnderTest> {
  const title = `${name} in Chromium${options.withoutFeatures ? ' without optional features' : ''}`;
  if (!findChromium()) return { title, missing: NO_CHROMIUM };
  try {
    const { executor } = await openChromiumDevice(name, undefined, options);
    return { title, executor };
  } catch (error) {
    return { title, missing: reasonOf(name, error as Error) };
  }
}

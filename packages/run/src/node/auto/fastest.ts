/** Which of several devices that work is the fastest: a short training step of each tells, once per machine. */
import { type Figure, readMeasured, writeMeasured } from './measured.js';

export interface Contest {
  /** Devices that may work, in the order of the table. */
  readonly devices: readonly string[];
  /** All that the outcome depends on: cards, driver, versions. */
  readonly key: string;
  readonly file: string;
  /** How many times as fast as the first device another must be to come before it. Default 1. */
  readonly margin?: number;
  /** Images per second of a device; 0 where it doesn't work. */
  measure(device: string): Promise<number>;
  /** Is told that devices are measured now, which takes a while. */
  onMeasure?(devices: readonly string[]): void;
}

/**
 * The devices, the fastest first, those that don't work last; as they are where there is nothing to choose. Measured ones
 * are remembered; where one is missing among those, all are measured again, one after the other.
 */
export async function fastestFirst(contest: Contest): Promise<readonly string[]> {
  const { devices, key, file, margin } = contest;
  if (devices.length < 2) return devices;
  const known = await readMeasured(file, key);
  if (known && devices.every((name) => known.some(({ device }) => device === name)))
    return inOrder(devices, known, margin);
  contest.onMeasure?.(devices);
  const figures: Figure[] = [];
  for (const device of devices) figures.push({ device, imagesPerSecond: await contest.measure(device) });
  await writeMeasured(file, key, figures);
  return inOrder(devices, figures, margin);
}

/** What is said before devices are measured. */
export const measuringNote = (devices: readonly string[]): string =>
  `Measuring ${devices.join(' and ')} once, to use the faster one from now on`;

/** The fastest first; the first of `devices` stays first where none is `margin` times as fast. */
export function inOrder(devices: readonly string[], figures: readonly Figure[], margin = 1): string[] {
  const speed = (name: string) => figures.find(({ device }) => device === name)?.imagesPerSecond ?? 0;
  const sorted = [...devices].sort((a, b) => speed(b) - speed(a));
  const [preferred, [fastest]] = [devices[0], sorted];
  if (preferred === undefined || fastest === undefined) return sorted;
  if (speed(fastest) > margin * speed(preferred)) return sorted;
  return [preferred, ...sorted.filter((name) => name !== preferred)];
}

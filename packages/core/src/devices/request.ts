/** Reads the value of `--device`. */
import type { Device, DeviceKind, Platform } from './device.js';
import { DeviceError } from './errors.js';
import { DEVICES } from './table.js';

export interface DeviceRequest {
  /** The request as given. */
  readonly text: string;
  /** The rows of the table that answer to it on this platform, the preferred one first; never empty. */
  readonly candidates: readonly Device[];
  readonly index: number;
  /** `auto`: the user left the choice to us. */
  readonly auto: boolean;
}

const KINDS: readonly DeviceKind[] = ['cpu', 'cuda', 'webgpu', 'wasm'];

/**
 * Reads a device: `auto` (or empty), `cpu`, `cuda`, `cuda:1`, `webgpu`, `wasm`, or a name of the table. A bare number is
 * YOLOv5's way to say `cuda:` and that number.
 * @throws DeviceError for what is unknown, for another platform, or for several devices
 */
export function parseDevice(text: string, platform: Platform): DeviceRequest {
  const written = text.trim().toLowerCase();
  if (written.includes(','))
    throw new DeviceError(
      `device "${text}": training on several devices is not supported; name one, such as 0`,
    );
  const number = /^\d+$/.test(written) ? `cuda:${written}` : written;
  const [, name, digits] = /^([a-z][a-z-]*)(?::(\d+))?$/.exec(number || 'auto') ?? [];
  if (name === undefined) throw unknown(text, platform);
  const index = Number(digits ?? 0);
  if (name === 'auto' && digits === undefined)
    return {
      text: 'auto',
      index,
      auto: true,
      candidates: DEVICES.filter(({ auto }) => auto.includes(platform)),
    };
  const rows = rowsFor(name);
  if (rows.length === 0) throw unknown(text, platform);
  const candidates = rows.filter(({ platforms }) => platforms.includes(platform));
  if (candidates.length === 0) throw new DeviceError(`device "${text}" is there only in ${other(platform)}`);
  if (digits !== undefined && !candidates.every(({ numbered }) => numbered))
    throw new DeviceError(`device "${text}": there is one ${name}, without a number`);
  return { text: written, index, auto: false, candidates };
}

function rowsFor(name: string): readonly Device[] {
  const kind = KINDS.find((known) => known === name);
  return DEVICES.filter((row) => (kind ? row.answersTo.includes(kind) : row.name === name));
}

function unknown(text: string, platform: Platform): DeviceError {
  const names = DEVICES.filter(({ platforms }) => platforms.includes(platform)).map(({ name }) => name);
  const known = ['auto', ...KINDS, 'cuda:1', ...names].join(', ');
  return new DeviceError(`there is no device "${text}"; there are ${known}`);
}

const other = (platform: Platform) => (platform === 'node' ? 'a browser' : 'Node');

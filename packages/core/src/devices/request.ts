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
    throw new DeviceError(`device "${text}": one device computes; name one, such as 0`);
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
  return { text: number, index, auto: false, candidates };
}

/**
 * Reads one device, or several GPUs for work that is done at the same time: `0,1`, `cuda:0,1`, `tf-cuda:0,tf-cuda:1`.
 * @returns requests of one device each
 * @throws DeviceError for what `parseDevice` refuses, what is no GPU, or a GPU that is named twice
 */
export function parseDevices(text: string, platform: Platform): string[] {
  if (!text.includes(',')) return [parseDevice(text, platform).text];
  let name = 'cuda';
  const requests = text.split(',').map((part) => {
    const written = part.trim().toLowerCase();
    // A number alone is another one of those before it.
    const whole = /^\d+$/.test(written) ? `${name}:${written}` : written;
    if (whole === '') throw unknown('', platform);
    const request = parseDevice(whole, platform);
    if (!request.candidates.every(({ numbered }) => numbered))
      throw new DeviceError(`device "${text}": only GPUs are used several at a time, by number, such as 0,1`);
    name = whole.replace(/:.*$/, '');
    return request;
  });
  const indices = requests.map(({ index }) => index);
  const twice = indices.find((index, i) => indices.indexOf(index) < i);
  if (twice !== undefined) throw new DeviceError(`device "${text}": it names GPU ${twice} twice`);
  return requests.map((request) => request.text);
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

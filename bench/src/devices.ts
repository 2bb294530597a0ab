/** The training step on every device that Node has, and in Chromium. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { devicesOf } from '@froyolo/core/devices';
import { chromiumRows } from './chromium.js';
import { BATCH } from './training-step.js';

const WORK = fileURLToPath(new URL('./work.js', import.meta.url));
/** A device that needs longer for two steps is too slow to train on. */
const TIMEOUT_MS = 300_000;

export interface DeviceRow {
  readonly device: string;
  /** Images per second, and megabytes of the process at its peak, by frozen layers; or why there are none. */
  readonly [column: string]: string;
}

/** @param asked a name of the device table, `chromium` for its devices, or `all` */
export async function deviceTable(asked: string): Promise<DeviceRow[]> {
  if (asked === 'chromium') return chromiumRows();
  if (asked !== 'all') return [deviceRow(asked)];
  return [...devicesOf('node').map(({ name }) => deviceRow(name)), ...(await chromiumRows())];
}

function deviceRow(device: string): DeviceRow {
  const row: Record<string, string> & { device: string } = { device };
  for (const freeze of ['0', '10', '24']) {
    const figure = measure(freeze, device);
    if (typeof figure === 'string') return { ...row, note: figure };
    row[`freeze ${freeze} images/s`] = (BATCH / figure.seconds).toFixed(1);
    row[`freeze ${freeze} peak MB`] = figure.peakMegabytes.toFixed(0);
  }
  return row;
}

/** The measurement, or why there is none. */
function measure(freeze: string, device: string): { seconds: number; peakMegabytes: number } | string {
  const run = spawnSync(process.execPath, [WORK, freeze, device], { encoding: 'utf8', timeout: TIMEOUT_MS });
  const line = run.stdout.trim().split('\n').at(-1) ?? '';
  if (run.status === 0 && line.startsWith('{')) return JSON.parse(line);
  if (run.signal === 'SIGTERM') return `freeze ${freeze}: more than ${TIMEOUT_MS / 1000} s`;
  const error = run.stderr
    .split('\n')
    .find((text) => /^(\s+\S+:|\w*Error:) /.test(text) && !/^no device/.test(text));
  const reason = run.stderr.split('\n').find((text) => text.startsWith(`  ${device}: `));
  return (reason ?? error ?? `ended with ${run.signal ?? run.status}`).trim().slice(0, 100);
}

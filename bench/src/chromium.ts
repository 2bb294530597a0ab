/** The training step in a web worker of a page in headless Chromium. */
import { resolve } from 'node:path';
import { findChromium, NO_CHROMIUM, openPageWorker, reasonOf } from '@froyolo/chromium';
import type { DeviceRow } from './devices.js';
import { BATCH } from './training-step.js';

const PAGE = resolve(import.meta.dirname, '../page');
const DEVICES = ['ort-wasm', 'tfjs-webgpu', 'ort-webgpu'];
const DEPTHS = ['0', '10', '24'];

export async function chromiumRows(): Promise<DeviceRow[]> {
  if (!findChromium()) return [{ device: 'Chromium', note: NO_CHROMIUM }];
  const rows: DeviceRow[] = [];
  for (const device of DEVICES) rows.push(await chromiumRow(device));
  return rows;
}

/** Each figure in a browser of its own; a GPU that is imitated on the CPU isn't worth measuring. */
async function chromiumRow(name: string): Promise<DeviceRow> {
  const row: Record<string, string> & { device: string } = { device: `${name} in Chromium` };
  for (const depth of DEPTHS) {
    const worker = await openPageWorker(PAGE);
    try {
      const { description, software } = await worker.call<OpenedInPage>('open', name);
      row.device = `${name} in Chromium, ${description}`;
      if (software) return { ...row, note: 'not measured: the GPU is imitated on the CPU' };
      const seconds = await worker.call<number>('measure', depth);
      row[`freeze ${depth} images/s`] = (BATCH / seconds).toFixed(1);
    } catch (error) {
      return { ...row, note: reasonOf(name, error as Error).slice(0, 100) };
    } finally {
      await worker.close();
    }
  }
  return row;
}

export interface OpenedInPage {
  readonly description: string;
  readonly software: boolean;
}

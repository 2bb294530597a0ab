/** The plan of all freezes as text. */
import type { FreezePlanRow } from '@froyolo/run';
import { type Column, formatBytes, formatTable } from '../output/format.js';

const COLUMNS: readonly Column[] = [
  'freeze',
  'trainable',
  'forward',
  'backward',
  'activations',
  'optimizer',
  'weights',
  'peak',
  'time',
  '| cached: forward',
  'activations',
  'peak',
  'time',
].map((title) => ({ title }));

/** Lines of a table, one for each depth. */
export function planTable(rows: readonly FreezePlanRow[]): string[] {
  return formatTable(COLUMNS, rows.map(cells));
}

function cells({ cached, ...row }: FreezePlanRow): string[] {
  return [
    String(row.depth),
    row.trainableParameters.toLocaleString('en'),
    gigaflops(row.forwardFlops),
    gigaflops(row.backwardFlops),
    formatBytes(row.peakActivationBytes),
    formatBytes(row.optimizerBytes),
    formatBytes(row.weightBytes),
    formatBytes(row.peakBytes),
    row.relativeTime.toFixed(2),
    ...(cached
      ? [
          gigaflops(cached.forwardFlops),
          formatBytes(cached.peakActivationBytes),
          formatBytes(cached.peakBytes),
          cached.relativeTime.toFixed(2),
        ]
      : ['–', '–', '–', '–']),
  ];
}

const gigaflops = (flops: number) => `${Number((flops / 1e9).toPrecision(3))} G`;

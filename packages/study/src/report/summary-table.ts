/** The figures of a study in one table: a row per freeze, mean ± deviation over its seeds. */

import type { FreezeSummary, StudyResults } from '../result-types.js';
import { formatDuration, formatMap, formatMemory, formatPercent, formatSpread } from '../words.js';

export interface SummaryTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The columns of the GPU are there where one was measured. */
export function summaryTable({ summary, machine }: Pick<StudyResults, 'summary' | 'machine'>): SummaryTable {
  const columns = columnsOf(
    machine.cores,
    summary.length > 0 && summary.every(({ gpu }) => gpu !== undefined),
  );
  return {
    columns: columns.map(([title]) => title),
    rows: summary.map((one) => columns.map(([, cell]) => cell(one))),
  };
}

type Column = readonly [title: string, cell: (summary: FreezeSummary) => string];

function columnsOf(cores: number, hasGpu: boolean): Column[] {
  const gpu: Column[] = [
    ['GPU', ({ gpu }) => (gpu ? formatSpread(gpu, formatPercent) : '')],
    ['GPU memory', ({ peakGpuMemory }) => (peakGpuMemory ? formatSpread(peakGpuMemory, formatMemory) : '')],
  ];
  return [
    ['freeze', ({ freeze }) => freeze],
    ['runs', ({ runs }) => String(runs)],
    ['trainable', trainable],
    ['mAP50', ({ mAP50 }) => formatSpread(mAP50, formatMap)],
    ['mAP50-95', ({ mAP50_95 }) => formatSpread(mAP50_95, formatMap)],
    ['best epoch', ({ bestEpoch }) => formatSpread(bestEpoch, (epoch) => String(Math.round(epoch)))],
    ['time', ({ seconds }) => formatSpread(seconds, formatDuration)],
    ['images/s', ({ imagesPerSecond }) => formatSpread(imagesPerSecond, (rate) => rate.toFixed(1))],
    ['peak memory', ({ peakMemory }) => formatSpread(peakMemory, formatMemory)],
    [`CPU (${cores} cores)`, ({ cpu }) => formatSpread(cpu, formatPercent)],
    ...(hasGpu ? gpu : []),
  ];
}

function trainable({ trainableParameters, parameters }: FreezeSummary): string {
  const share = formatPercent(trainableParameters / parameters);
  const count =
    trainableParameters < 1e6
      ? `${(trainableParameters / 1e3).toFixed(0)} k`
      : `${(trainableParameters / 1e6).toFixed(2)} M`;
  return `${count} (${share})`;
}

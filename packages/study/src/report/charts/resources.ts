/** Memory and utilization over time. */

import type { Panel } from '@froyolo/report';
import type { ArmResult } from '../../result-types.js';
import type { Sample } from '../../samples.js';
import { linePanel, type Point } from './panel.js';
import { timeUnit } from './time.js';

/** Spans of time in which samples are averaged, of the longest run. */
const SPANS = 120;
const SIZE = { width: 620, height: 150 };

/** Panels of memory, CPU and, if measured, GPU, for the runs that have samples. */
export function resourcePanels(
  arms: readonly ArmResult[],
  all: readonly ArmResult[],
  cores: number,
): Panel[] {
  const longest = Math.max(...arms.map(({ samples }) => samples.at(-1)?.time ?? 0));
  const unit = timeUnit(longest);
  const span = Math.max(longest / SPANS, 1);
  const x = `time since the start of the run (${unit.title})`;
  const panel = (
    title: string,
    y: string,
    pick: (sample: Sample) => number | undefined,
    limits: { readonly yMax?: number; readonly yFormat?: string },
  ) => {
    const lines = arms.map(({ freeze, seed, samples }) => ({
      freeze,
      seed,
      points: averaged(samples, pick, span).map((point) => ({ ...point, x: point.x / unit.seconds })),
    }));
    return linePanel(lines, all, { ...SIZE, title, x, y, fromZero: true, xFromZero: true, ...limits });
  };
  const hasGpu = arms.some(({ gpu }) => gpu !== undefined);
  const gigabytes = (bytes: number | undefined) => (bytes === undefined ? undefined : bytes / 1e9);
  return [
    panel('memory of the process', 'GB', ({ memory }) => gigabytes(memory), {}),
    panel(`CPU utilization, of ${cores} cores`, 'share', ({ cpu }) => cpu, { yFormat: '.0%' }),
    ...(hasGpu
      ? [
          panel('GPU utilization', 'share', ({ gpu }) => gpu, { yFormat: '.0%' }),
          panel('memory of the GPU', 'GB', ({ gpuMemory }) => gigabytes(gpuMemory), {}),
        ]
      : []),
  ];
}

/**
 * Means over spans of time, one point for each span up to the last sample, so that the points of several runs belong
 * together. A span without a sample has the value of the one before it.
 */
export function averaged(
  samples: readonly Sample[],
  pick: (sample: Sample) => number | undefined,
  span: number,
): Point[] {
  const spans: number[][] = [];
  for (const sample of samples) {
    const value = pick(sample);
    if (value !== undefined) (spans[Math.floor(sample.time / span)] ??= []).push(value);
  }
  // Spans before the first sample are as it is.
  const [first] = spans.find((some) => some) ?? [];
  if (first === undefined) return [];
  const points: Point[] = [];
  for (let index = 0; index < spans.length; index++) {
    const values = spans[index];
    const y = values ? values.reduce((a, b) => a + b, 0) / values.length : points.at(-1)?.y;
    points.push({ x: (index + 0.5) * span, y: y ?? first });
  }
  return points;
}

/** Memory and utilisation over time. */
import type { ArmResult, Sample } from '@froyolo/yolo/node';
import { linePanel, type Panel, type Point } from './panel.js';
import { timeUnit } from './time.js';

/** Spans of time in which samples are averaged, of the longest run. */
const SPANS = 120;
const SIZE = { width: 620, height: 150 };

/** Of the runs that have samples: memory, CPU and, where it was measured, GPU. */
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
    panel(`CPU utilisation, of ${cores} cores`, 'share', ({ cpu }) => cpu, { yFormat: '.0%' }),
    ...(hasGpu
      ? [
          panel('GPU utilisation', 'share', ({ gpu }) => gpu, { yFormat: '.0%' }),
          panel('memory of the GPU', 'GB', ({ gpuMemory }) => gigabytes(gpuMemory), {}),
        ]
      : []),
  ];
}

/** Means over spans of time; spans without a sample are left out. */
export function averaged(
  samples: readonly Sample[],
  pick: (sample: Sample) => number | undefined,
  span: number,
): Point[] {
  const spans = new Map<number, number[]>();
  for (const sample of samples) {
    const value = pick(sample);
    if (value === undefined) continue;
    const index = Math.floor(sample.time / span);
    const values = spans.get(index);
    if (values) values.push(value);
    else spans.set(index, [value]);
  }
  return [...spans].map(([index, values]) => ({
    x: (index + 0.5) * span,
    y: values.reduce((a, b) => a + b, 0) / values.length,
  }));
}

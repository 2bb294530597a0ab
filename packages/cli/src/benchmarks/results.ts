/** The table of a benchmark, as text, JSON, Markdown and a chart. */
import { join } from 'node:path';
import { writeAtomic } from '@froyolo/common/node';
import { renderChart, type TopLevelSpec } from '@froyolo/report';
import { formatBytes, formatTable } from '../output/format.js';

export interface BenchmarkRow {
  readonly format: string;
  /** Device; absent if it ran on none. */
  readonly device?: string;
  /** What was loaded, relative to the folder. */
  readonly file?: string;
  /** Size on disk, of all files of the format. */
  readonly bytes?: number;
  readonly mAP50?: number;
  readonly mAP50_95?: number;
  /** Milliseconds of the network per image. */
  readonly inference?: number;
  /** Why it wasn't run. */
  readonly reason?: string;
  /** What went wrong. */
  readonly failure?: string;
}

const TITLES = ['format', 'device', 'size', 'mAP50', 'mAP50-95', 'ms per image', ''] as const;

/** Lines for a terminal. */
export function benchmarkTable(rows: readonly BenchmarkRow[]): string[] {
  const columns = TITLES.map((title, i) => ({
    title,
    align: i < 2 || i === TITLES.length - 1 ? ('left' as const) : ('right' as const),
  }));
  return formatTable(columns, rows.map(cellsOf));
}

function cellsOf({ format, device, bytes, mAP50, mAP50_95, inference, reason, failure }: BenchmarkRow) {
  return [
    format,
    device ?? '–',
    bytes === undefined ? '–' : formatBytes(bytes),
    mAP50?.toFixed(4) ?? '–',
    mAP50_95?.toFixed(4) ?? '–',
    inference?.toFixed(1) ?? '–',
    failure === undefined ? (reason ?? '') : `failed: ${failure}`,
  ];
}

/** What was measured, for the heading. */
interface Measured {
  readonly weights: string;
  readonly data: string;
  readonly imgsz: number;
  readonly batchSize: number;
  readonly half: boolean;
}

/** Writes `benchmarks.json`, `benchmarks.md`, and `benchmarks.svg` and `.png` where something was measured. */
export async function writeBenchmarks(
  folder: string,
  rows: readonly BenchmarkRow[],
  { weights, data, imgsz, batchSize, half }: Measured,
): Promise<void> {
  const measured = { weights, data, imgsz, batchSize, half };
  const at = (name: string) => join(folder, `benchmarks.${name}`);
  await writeAtomic(at('json'), `${JSON.stringify({ ...measured, rows }, undefined, 2)}\n`);
  await writeAtomic(at('md'), markdown(rows, measured));
  const shown = rows.filter(({ inference }) => inference !== undefined);
  if (shown.length === 0) return;
  const { svg, png } = await renderChart(benchmarkChart(shown));
  await writeAtomic(at('svg'), svg);
  await writeAtomic(at('png'), png);
}

function markdown(rows: readonly BenchmarkRow[], { weights, data, imgsz, batchSize }: Measured): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = TITLES.map((_, i) => (i > 1 && i < TITLES.length - 1 ? '--:' : '---'));
  return [
    `${weights} on ${data}: ${imgsz} px, batch size ${batchSize}`,
    '',
    ...[TITLES, rule, ...rows.map(cellsOf)].map(line),
    '',
  ].join('\n');
}

const PANELS = [
  { field: 'inference', title: 'ms per image', format: '.1f' },
  { field: 'mAP50_95', title: 'mAP50-95', format: '.3f' },
] as const;

/** Time and accuracy of each format and device as bars. */
function benchmarkChart(rows: readonly BenchmarkRow[]): TopLevelSpec {
  const values = rows.map((row) => ({ ...row, label: `${row.format} · ${row.device}` }));
  return {
    data: { values },
    hconcat: PANELS.map(({ field, title, format }, i) => {
      const x = { field, type: 'quantitative', title: null, axis: null } as const;
      const y = {
        field: 'label',
        type: 'nominal',
        sort: null,
        title: null,
        axis: i === 0 ? { domain: false, ticks: false, labelLimit: 320 } : null,
      } as const;
      return {
        title,
        width: 260,
        height: 24 * rows.length,
        layer: [
          {
            mark: { type: 'bar', height: { band: 0.7 } },
            encoding: { x, y, color: { field: 'format', type: 'nominal', legend: null } },
          },
          {
            mark: { type: 'text', align: 'left', dx: 4 },
            encoding: { x, y, text: { field, type: 'quantitative', format } },
          },
        ],
      };
    }),
  };
}

/** The plan of all freezes as a picture: memory and time by depth. */
import { renderChart, type TopLevelSpec } from '@froyolo/report';
import type { FreezePlanRow, RelativeCost } from '@froyolo/run';

const IMAGES = 'from images';
const FEATURES = 'from cached features';

/** An SVG document. */
export async function drawPlan(rows: readonly FreezePlanRow[], title: string): Promise<string> {
  return (await renderChart(planChart(rows, title))).svg;
}

function planChart(rows: readonly FreezePlanRow[], title: string): TopLevelSpec {
  const lines = rows.flatMap(({ cached, ...row }) => [
    point(row.depth, row, IMAGES),
    ...(cached ? [point(row.depth, cached, FEATURES)] : []),
  ]);
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title,
    data: { values: lines },
    hconcat: [panel('megabytes', 'peak memory, MB'), panel('relativeTime', 'time of a step, freeze 0 = 1')],
  };
}

function point(depth: number, { peakBytes, relativeTime }: RelativeCost, step: string) {
  return { depth, megabytes: peakBytes / 1e6, relativeTime, step };
}

function panel(field: string, title: string) {
  return {
    width: 340,
    height: 240,
    mark: { type: 'line' as const, point: true, strokeWidth: 2 },
    encoding: {
      x: {
        field: 'depth',
        type: 'quantitative' as const,
        title: 'frozen layers',
        axis: { tickMinStep: 1 },
      },
      y: { field, type: 'quantitative' as const, title, scale: { zero: true } },
      color: {
        field: 'step',
        type: 'nominal' as const,
        title: null,
        scale: { domain: [IMAGES, FEATURES], range: ['#1f6feb', '#d1670b'] },
        legend: { orient: 'bottom' as const, labelLimit: 0 },
      },
    },
  };
}

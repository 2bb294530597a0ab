/** The report of a study: pages and pictures. */
import { join } from 'node:path';
import { writeAtomic } from '@froyolo/common/node';
import { renderChart } from '@froyolo/report';
import type { StudyResults } from '../result-types.js';
import { studyCharts } from './charts/study-charts.js';
import type { DrawnChart } from './drawn-chart.js';
import { htmlReport } from './html.js';
import { markdownReport } from './markdown.js';

/** Where a study's report lies in its folder. */
export function reportFiles(folder: string) {
  return {
    html: join(folder, 'report.html'),
    markdown: join(folder, 'report.md'),
    /** `NAME.svg` and `NAME.png` of each chart. */
    charts: join(folder, 'charts'),
  };
}

/**
 * Writes `report.html` (all in one file), `report.md` and the charts as SVG and PNG into a study's folder, each file
 * whole. With no run that has an epoch there is nothing to draw, and the pages say so.
 */
export async function writeReport(results: StudyResults, folder: string): Promise<void> {
  const files = reportFiles(folder);
  const charts: DrawnChart[] = [];
  for (const one of studyCharts(results)) charts.push({ ...one, chart: await renderChart(one.spec) });
  for (const { name, chart } of charts) {
    await writeAtomic(join(files.charts, `${name}.svg`), chart.svg);
    await writeAtomic(join(files.charts, `${name}.png`), chart.png);
  }
  await writeAtomic(files.markdown, markdownReport(results, charts));
  await writeAtomic(files.html, htmlReport(results, charts));
}

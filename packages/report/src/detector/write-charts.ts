import { join } from 'node:path';
import { writeAtomic } from '@froyolo/common/node';
import { renderChart, type TopLevelSpec } from '../chart.js';

/** Draws charts into a folder, each as `NAME.png`. */
export async function writeCharts(
  folder: string,
  charts: Readonly<Record<string, TopLevelSpec>>,
): Promise<void> {
  for (const [name, spec] of Object.entries(charts))
    await writeAtomic(join(folder, `${name}.png`), (await renderChart(spec)).png);
}

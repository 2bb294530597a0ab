/** Results as a page of Markdown with a chart per dataset and size. */
import { join } from 'node:path';
import { writeAtomic } from '@froyolo/common/node';
import { renderChart, type TopLevelSpec } from '@froyolo/report';
import { type ArmResult, recipeNamed } from './arms.js';
import { curveOf, groupRuns, imagesNeeded, type Spread, spreadAt, TABLE_SECONDS } from './summary.js';

/** mAP50-95 for which the number of images needed is reported. */
const WANTED = [0.3, 0.4, 0.5, 0.55, 0.6];

/** Writes `README.md` and its charts. */
export async function writeReport(results: readonly ArmResult[], folder: string): Promise<void> {
  const sets = [...new Set(results.map(setOf))].sort();
  for (const set of sets) {
    const chart = await renderChart(chartOf(results.filter((result) => setOf(result) === set)));
    await writeAtomic(join(folder, `${set}.svg`), chart.svg);
    await writeAtomic(join(folder, `${set}.png`), chart.png);
  }
  await writeAtomic(join(folder, 'README.md'), markdown(results, sets));
}

const setOf = ({ dataset, images }: ArmResult) => `${dataset}-${images || 'all'}`;
const titleOfSet = ({ dataset, images }: Pick<ArmResult, 'dataset' | 'images'>) =>
  `${dataset}, ${images ? `${images} images` : 'all images'}`;
const titleOf = ([run]: readonly ArmResult[]) => (run ? recipeNamed(run.recipe).title : '');

/** The shortest first, the reference last. */
const byRecipe = (results: readonly ArmResult[]) =>
  [...groupRuns(results).values()].sort((a, b) => rankOf(a) - rankOf(b));
const rankOf = (runs: readonly ArmResult[]) =>
  Math.max(...runs.map(({ seconds, recipe }) => seconds + (recipe.startsWith('reference') ? 1e6 : 0)));

function markdown(results: readonly ArmResult[], sets: readonly string[]): string {
  const machines = [...new Set(results.map(({ machine }) => machine))];
  const parts = sets.map((set) => {
    const own = results.filter((result) => setOf(result) === set);
    const title = own[0] ? titleOfSet(own[0]) : set;
    return [`## ${title}`, '', `![Best mAP50-95 over seconds](${set}.svg)`, '', ...timeTable(own), ''].join(
      '\n',
    );
  });
  return [
    '# Accuracy against wall time',
    '',
    `Best mAP50-95 on the validation images up to a time since the start of the process, which reads and compiles first: mean of the`,
    `runs (lowest to highest). Machine: ${machines.join('; ')}. Made by \`pnpm learning\`; every run is in [arms](arms).`,
    '',
    ...parts,
    ...imagesTable(results),
    '',
  ].join('\n');
}

function timeTable(results: readonly ArmResult[]): string[] {
  const rows = byRecipe(results).map((runs) => [
    `\`${titleOf(runs)}\``,
    ...columnsOf(runs).map((seconds) => (seconds ? shown(spreadAt(runs, seconds)) : '')),
    String(runs.length),
  ]);
  return table(['recipe', ...TABLE_SECONDS.map((seconds) => `${seconds} s`), 'runs'], rows);
}

/** The table's times up to the first by which all runs were over; undefined in the place of others. */
function columnsOf(runs: readonly ArmResult[]): (number | undefined)[] {
  const end = Math.max(...runs.map(({ seconds }) => seconds));
  const last = TABLE_SECONDS.find((seconds) => seconds >= end) ?? Number.POSITIVE_INFINITY;
  return TABLE_SECONDS.map((seconds) => (seconds <= last ? seconds : undefined));
}

function shown(spread: Spread | undefined): string {
  if (!spread) return '–';
  const { mean, low, high, runs } = spread;
  return runs === 1 ? digits(mean) : `${digits(mean)} (${digits(low)}–${digits(high)})`;
}

const digits = (value: number) => value.toFixed(3).replace(/^0/, '');

/** A row for each dataset and recipe that ran with several numbers of images. */
function imagesTable(results: readonly ArmResult[]): string[] {
  const series = [...new Set(results.map(seriesOf))].map((name) => ({
    name,
    means: meansBySize(results.filter((result) => seriesOf(result) === name)),
  }));
  const rows = series
    .filter(({ means }) => means.length > 1)
    .map(({ name, means }) => [name, ...WANTED.map((wanted) => String(imagesNeeded(means, wanted) ?? '–'))]);
  return ['## Images that it takes', '', ...table(['dataset, recipe', ...WANTED.map(digits)], rows)];
}

const seriesOf = ({ dataset, recipe }: ArmResult) => `${dataset}, \`${recipeNamed(recipe).title}\``;

/** Means of the best mAP50-95 of runs on the same number of images. */
function meansBySize(results: readonly ArmResult[]): { images: number; mean: number }[] {
  return [...groupRuns(results).values()].flatMap((runs) => {
    const spread = spreadAt(runs, Number.POSITIVE_INFINITY);
    const images = runs[0]?.trainImages ?? 0;
    return spread && images > 0 ? [{ images, mean: spread.mean }] : [];
  });
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line)];
}

/** A line for the mean of a recipe's runs, in a band from the lowest to the highest of them. */
function chartOf(results: readonly ArmResult[]): TopLevelSpec {
  const recipes = byRecipe(results);
  const values = recipes.flatMap((runs) =>
    curveOf(runs).map((point) => ({ recipe: titleOf(runs), ...point })),
  );
  const first = Math.min(...values.map(({ seconds }) => seconds));
  const end = Math.max(...results.map(({ seconds }) => seconds));
  const [ticks, names] = [[...TABLE_SECONDS], recipes.map(titleOf)];
  const domain = [Math.min(first, TABLE_SECONDS[0]), ticks.find((seconds) => seconds >= end) ?? end];
  const x = {
    field: 'seconds',
    type: 'quantitative',
    title: 'Seconds since the start',
    scale: { type: 'log', nice: false, domain },
    axis: { values: ticks, format: 'd' },
  } as const;
  const color = {
    field: 'recipe',
    type: 'nominal',
    title: null,
    scale: { domain: names },
    legend: {
      orient: 'bottom',
      columns: 2,
      symbolType: 'stroke',
      symbolStrokeWidth: 3,
      symbolOpacity: 1,
      labelLimit: 400,
    },
  } as const;
  const y = (field: string) => ({ field, type: 'quantitative', title: 'Best mAP50-95' }) as const;
  return {
    title: results[0] ? titleOfSet(results[0]) : '',
    width: 560,
    height: 300,
    data: { values },
    layer: [
      {
        mark: { type: 'area', opacity: 0.18, interpolate: 'step-after' },
        encoding: { x, y: y('low'), y2: { field: 'high' }, color },
      },
      {
        mark: { type: 'line', strokeWidth: 2.5, interpolate: 'step-after' },
        encoding: { x, y: y('mean'), color },
      },
    ],
  };
}

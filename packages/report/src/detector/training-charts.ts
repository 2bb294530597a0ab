/** The charts of a training run: its figures by epoch, and what its dataset's labels are like. */
import { classColor } from '@froyolo/data';
import type { Panel, TopLevelSpec } from '../chart.js';

const SCHEMA = 'https://vega.github.io/schema/vega-lite/v6.json';
/** Cells along each side of the maps of positions and sizes. */
const CELLS = 40;
/** Columns of a label: class, cx, cy, w, h. */
const LABEL_COLUMNS = 5;
const MAX_BARS = 60;

/** Losses and metrics of each epoch. @param csv content of `results.csv` */
export function resultsChart(csv: string): TopLevelSpec {
  const rows = parseCsv(csv);
  return {
    $schema: SCHEMA,
    spacing: 22,
    vconcat: layoutOf(Object.keys(rows[0] ?? {})).map((names) => ({
      hconcat: names.map((name) => resultPanel(rows, name)),
      spacing: 18,
    })),
  };
}

/** Columns of `results.csv` as they are laid out: two rows, losses of every term before the metrics. */
function layoutOf(columns: readonly string[]): string[][] {
  const losses = (part: string) =>
    columns.filter((name) => name.startsWith(`${part}/`) && name.endsWith('_loss'));
  return [
    [...losses('train'), 'metrics/precision', 'metrics/recall'],
    [...losses('val'), 'metrics/mAP_0.5', 'metrics/mAP_0.5:0.95'],
  ];
}

type Row = Readonly<Record<string, number>>;

function parseCsv(csv: string): Row[] {
  const [header = '', ...lines] = csv.trim().split('\n');
  const names = header.split(',').map((name) => name.trim());
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [names[i], Number(cell)])));
}

function resultPanel(rows: readonly Row[], name: string): Panel {
  // Without validation in an epoch (--noval) its figures are zeros.
  const validated = Object.keys(rows[0] ?? {}).filter((column) => column.startsWith('val/'));
  const measured = name.startsWith('train/')
    ? rows
    : rows.filter((row) => validated.some((column) => Number(row[column]) > 0));
  const values = measured.map((row) => ({ epoch: row.epoch + 1, value: row[name] }));
  return {
    title: { text: name.replace(/^metrics\//, ''), fontSize: 12 },
    width: 190,
    height: 150,
    data: { values },
    mark: { type: 'line', strokeWidth: 2, point: { size: 18 }, color: '#0072b2' },
    encoding: {
      x: {
        field: 'epoch',
        type: 'quantitative',
        title: null,
        axis: { tickMinStep: 1, tickCount: 4, format: 'd', grid: false },
      },
      y: {
        field: 'value',
        type: 'quantitative',
        title: null,
        scale: { zero: false },
        axis: { tickCount: 5 },
      },
    },
  };
}

/**
 * How many objects each class has, where they are and how large.
 * @param labels of each image: rows of class, cx, cy, w, h, normalized
 */
export function labelsChart(labels: readonly ArrayLike<number>[], names: readonly string[]): TopLevelSpec {
  const counts = names.map(() => 0);
  const [places, sizes] = [new Float64Array(CELLS ** 2), new Float64Array(CELLS ** 2)];
  for (const image of labels)
    for (let row = 0; row < image.length; row += LABEL_COLUMNS) {
      counts[image[row]]++;
      places[cellOf(image[row + 1], image[row + 2])]++;
      sizes[cellOf(image[row + 3], image[row + 4])]++;
    }
  return {
    $schema: SCHEMA,
    spacing: 28,
    resolve: { scale: { color: 'independent' } },
    hconcat: [
      countPanel(counts, names),
      mapPanel('Centers', places, { x: 'x', y: 'y', down: true }),
      mapPanel('Sizes', sizes, { x: 'width', y: 'height', down: false }),
    ],
  };
}

const cellOf = (x: number, y: number) => inCells(y) * CELLS + inCells(x);
const inCells = (value: number) => Math.min(Math.floor(value * CELLS), CELLS - 1);

/** The classes with most objects. */
function countPanel(counts: readonly number[], names: readonly string[]): Panel {
  const all = counts.map((count, i) => ({ name: names[i], count, color: classColor(i) }));
  const shown = all.length > MAX_BARS ? [...all].sort((a, b) => b.count - a.count).slice(0, MAX_BARS) : all;
  const title =
    shown.length < all.length ? `Objects of the ${MAX_BARS} most frequent classes` : 'Objects by class';
  return {
    title: { text: title, fontSize: 13 },
    width: Math.max(200, shown.length * 12),
    height: 260,
    data: { values: shown },
    mark: { type: 'bar' },
    encoding: {
      x: { field: 'name', type: 'nominal', sort: null, title: null, axis: { labelAngle: -60 } },
      y: { field: 'count', type: 'quantitative', title: 'objects' },
      color: { field: 'color', type: 'nominal', scale: null },
    },
  };
}

function mapPanel(
  title: string,
  cells: Float64Array,
  { x, y, down }: { x: string; y: string; down: boolean },
): Panel {
  const values = Array.from(cells, (count, i) => ({
    x: (i % CELLS) / CELLS,
    x2: ((i % CELLS) + 1) / CELLS,
    y: Math.floor(i / CELLS) / CELLS,
    y2: (Math.floor(i / CELLS) + 1) / CELLS,
    count,
  })).filter(({ count }) => count > 0);
  const scale = { domain: [0, 1] };
  return {
    title: { text: title, fontSize: 13 },
    width: 260,
    height: 260,
    data: { values },
    mark: { type: 'rect' },
    encoding: {
      x: { field: 'x', type: 'quantitative', title: `${x}, as a share of the image`, scale },
      x2: { field: 'x2' },
      y: { field: 'y', type: 'quantitative', title: y, scale: { ...scale, reverse: down } },
      y2: { field: 'y2' },
      color: {
        field: 'count',
        type: 'quantitative',
        scale: { scheme: 'blues', type: 'sqrt', domainMin: 0 },
        legend: null,
      },
    },
  };
}

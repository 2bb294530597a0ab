/** A panel of lines: seeds thin, their mean bold, named at its end. */

import type { Panel } from '@froyolo/report';
import type { Arm } from '../../study.js';
import { colorScale, freezesOf, labelOf } from './colors.js';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The line of one run. */
export interface RunLine extends Pick<Arm, 'freeze' | 'seed'> {
  readonly points: readonly Point[];
}

export interface PanelOptions {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly width: number;
  readonly height: number;
  /** Format of the y axis's labels, in d3's notation. */
  readonly yFormat?: string;
  /** The y axis begins at 0. */
  readonly fromZero?: boolean;
  /** The x axis begins at 0. */
  readonly xFromZero?: boolean;
  /** The x axis is of whole numbers. */
  readonly wholeX?: boolean;
  readonly yMax?: number;
  /** A dot at the end of each mean. */
  readonly dots?: boolean;
  /** What is written at the end of a mean, after the name of the freeze. */
  readonly endText?: (last: Point) => string;
}

const LABEL = { type: 'text', align: 'left', dx: 8, fontSize: 12, fontWeight: 600 } as const;

/** Labels are at least this many pixels apart. */
const LABEL_HEIGHT = 14;
/** Labels of line ends that are closer than this share of the x axis are beside each other. */
const NEAR = 0.25;

/** @param arms those of the study, for the colors; `lines` may leave some out */
export function linePanel(
  lines: readonly RunLine[],
  arms: readonly Pick<Arm, 'freeze'>[],
  options: PanelOptions,
): Panel {
  const means = freezesOf(lines).map((freeze) => ({
    freeze,
    points: meanLine(lines.filter((line) => line.freeze === freeze).map(({ points }) => points)),
  }));
  const domain = yDomain(lines, options);
  const color = { field: 'freeze', type: 'nominal', scale: colorScale(arms), legend: null } as const;
  const x = {
    field: 'x',
    type: 'quantitative',
    title: options.x,
    scale: { nice: false, zero: options.xFromZero ?? false },
    axis: { grid: false, tickCount: 6, ...(options.wholeX ? { tickMinStep: 1, format: 'd' } : {}) },
  } as const;
  const y = {
    field: 'y',
    type: 'quantitative',
    title: options.y,
    scale: { domain, nice: false },
    axis: { tickCount: 5, ...(options.yFormat ? { format: options.yFormat } : {}) },
  } as const;
  const line = { x, y, color: color, order: { field: 'x' } } as const;
  const seedRows = lines.flatMap(({ freeze, seed, points }) =>
    points.map((point) => ({ ...point, freeze: labelOf(freeze), seed })),
  );
  const meanRows = means.flatMap(({ freeze, points }) =>
    points.map((point) => ({ ...point, freeze: labelOf(freeze) })),
  );
  const labels = endLabels(means, domain, options);
  const place = { x, y: { ...y, field: 'labelY' }, text: { field: 'text' } } as const;
  const hasOneEach = lines.length === means.length;
  return {
    title: { text: options.title, fontSize: 13 },
    width: options.width,
    height: options.height,
    layer: [
      ...(hasOneEach
        ? []
        : [
            {
              data: { values: seedRows },
              mark: { type: 'line', strokeWidth: 1, opacity: 0.4 },
              encoding: { ...line, detail: { field: 'seed' } },
            } as const,
          ]),
      {
        data: { values: meanRows },
        mark: { type: 'line', strokeWidth: 2.75, point: meanRows.length <= 3 * means.length },
        encoding: line,
      },
      ...(options.dots
        ? [
            {
              data: { values: labels },
              mark: { type: 'point', filled: true, size: 90, opacity: 1 },
              encoding: { x, y, color: color },
            } as const,
          ]
        : []),
      // A white rim keeps the text apart from lines that it lies on.
      {
        data: { values: labels },
        mark: { ...LABEL, stroke: '#ffffff', strokeWidth: 4, strokeJoin: 'round', opacity: 0.85 },
        encoding: place,
      },
      { data: { values: labels }, mark: LABEL, encoding: { ...place, color: color } },
    ],
  };
}

/** The mean of several lines, point by point, as far as all of them go. */
export function meanLine(lines: readonly (readonly Point[])[]): Point[] {
  const drawn = lines.filter(({ length }) => length > 0);
  const length = Math.min(...drawn.map((line) => line.length));
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  return Array.from({ length: drawn.length > 0 ? length : 0 }, (_, i) => ({
    x: mean(drawn.map((line) => line[i].x)),
    y: mean(drawn.map((line) => line[i].y)),
  }));
}

/** Range from the least to the greatest value with some room. */
function yDomain(lines: readonly RunLine[], { fromZero = false, yMax }: PanelOptions): [number, number] {
  const values = lines.flatMap(({ points }) => points.map(({ y }) => y));
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  const room = 0.06 * (greatest - (fromZero ? 0 : least)) || 0.1 * Math.abs(greatest) || 1;
  return [
    fromZero ? 0 : Math.max(least - room, 0),
    Math.min(greatest + room, yMax ?? Number.POSITIVE_INFINITY),
  ];
}

interface EndLabel extends Point {
  readonly freeze: string;
  readonly text: string;
  /** Where the text goes: near `y`, apart from the other texts. */
  readonly labelY: number;
}

function endLabels(
  means: readonly { readonly freeze: string; readonly points: readonly Point[] }[],
  [low, high]: readonly [number, number],
  { height, endText }: PanelOptions,
): EndLabel[] {
  const ends = means.flatMap(({ freeze, points }) => {
    const last = points.at(-1);
    if (!last) return [];
    const text = labelOf(freeze) + (endText ? `: ${endText(last)}` : '');
    return [{ ...last, freeze: labelOf(freeze), text, labelY: last.y }];
  });
  const gap = ((high - low) * LABEL_HEIGHT) / height;
  const near = NEAR * Math.max(...ends.map(({ x }) => x));
  return spreadApart(ends, gap, near);
}

/** Moves overlapping labels down, from the top one on. */
function spreadApart(labels: readonly EndLabel[], gap: number, near: number): EndLabel[] {
  const placed: EndLabel[] = [];
  for (const label of [...labels].sort((a, b) => b.y - a.y)) {
    const beside = placed.filter(({ x }) => Math.abs(x - label.x) < near);
    const room = Math.min(...beside.map(({ labelY }) => labelY)) - gap;
    placed.push({ ...label, labelY: Math.min(label.y, room) });
  }
  return placed;
}

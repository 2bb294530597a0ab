/** The charts of a validation: curves over confidence and recall, and which classes are taken for which. */

import type { ValidationDetails } from '@froyolo/boxes';
import { classColor } from '@froyolo/data';
import type { TopLevelSpec } from '../chart.js';

type Curves = ValidationDetails['curves'];
type Curve = 'precision' | 'recall' | 'f1' | 'precisionAtRecall';

const SCHEMA = 'https://vega.github.io/schema/vega-lite/v6.json';
/** With more classes than this, lines have no names. */
const MAX_NAMED = 20;
/** With more classes than this, cells have no figures. */
const MAX_FIGURES = 30;
/** Points of a curve's 1000 between two that are drawn. */
const STEP = 5;
const ALL = 'all classes';

/** Charts by the name of YOLOv5's file; empty if no class occurs. */
export function validationCharts(
  { curves, confusion }: ValidationDetails,
  names: readonly string[],
): Record<string, TopLevelSpec> {
  if (curves.length === 0) return {};
  return {
    PR_curve: precisionRecallChart(curves),
    F1_curve: confidenceChart(curves, 'f1', 'F1'),
    P_curve: confidenceChart(curves, 'precision', 'Precision'),
    R_curve: confidenceChart(curves, 'recall', 'Recall'),
    confusion_matrix: confusionChart(confusion, names),
  };
}

function precisionRecallChart(curves: Curves): TopLevelSpec {
  const mAP50 = mean(curves.map((curve) => curve.mAP50));
  return curveChart(curves, {
    title: 'Precision and recall',
    subtitle: `mAP50 of all classes ${mAP50.toFixed(3)}`,
    x: 'Recall',
    y: 'Precision',
    pick: 'precisionAtRecall',
    nameOf: ({ name, mAP50: own }) => `${name} ${own.toFixed(3)}`,
  });
}

function confidenceChart(curves: Curves, pick: Curve, title: string): TopLevelSpec {
  const all = meanCurve(curves, pick);
  const best = all.reduce((at, value, i) => (value > all[at] ? i : at), 0);
  const confidence = (best / (all.length - 1)).toFixed(3);
  return curveChart(curves, {
    title: `${title} by confidence`,
    subtitle: `all classes: at most ${all[best].toFixed(2)}, at confidence ${confidence}`,
    x: 'Confidence',
    y: title,
    pick,
    nameOf: ({ name }) => name,
  });
}

interface CurveOptions {
  readonly title: string;
  readonly subtitle: string;
  readonly x: string;
  readonly y: string;
  readonly pick: Curve;
  nameOf(curve: Curves[number]): string;
}

/** A thin line for each class, a bold one for their mean. */
function curveChart(curves: Curves, options: CurveOptions): TopLevelSpec {
  const { title, subtitle, x, y, pick, nameOf } = options;
  const isNamed = curves.length <= MAX_NAMED;
  const lines = curves.flatMap((curve) =>
    pointsOf(curve[pick]).map((point) => ({ ...point, line: nameOf(curve) })),
  );
  const whole = pointsOf(meanCurve(curves, pick)).map((point) => ({ ...point, line: ALL }));
  const colors = {
    domain: [...curves.map(nameOf), ALL],
    range: [...curves.map(({ classId }) => (isNamed ? classColor(classId) : '#b8bec5')), '#0000ff'],
  };
  const axis = { scale: { domain: [0, 1] }, type: 'quantitative' as const };
  return {
    $schema: SCHEMA,
    title: { text: title, subtitle },
    width: 560,
    height: 400,
    encoding: {
      x: { field: 'x', title: x, ...axis },
      y: { field: 'y', title: y, ...axis },
      color: {
        field: 'line',
        type: 'nominal',
        scale: colors,
        legend: isNamed ? { title: null } : { title: null, values: [ALL] },
      },
    },
    layer: [
      { data: { values: lines }, mark: { type: 'line', strokeWidth: 1.2, clip: true } },
      { data: { values: whole }, mark: { type: 'line', strokeWidth: 3.5, clip: true } },
    ],
  };
}

function pointsOf(values: ArrayLike<number>): { x: number; y: number }[] {
  const last = values.length - 1;
  return Array.from({ length: Math.ceil(last / STEP) + 1 }, (_, i) => {
    const at = Math.min(i * STEP, last);
    return { x: at / last, y: values[at] };
  });
}

function meanCurve(curves: Curves, pick: Curve): number[] {
  return Array.from(curves[0][pick], (_, i) => mean(curves.map((curve) => curve[pick][i])));
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Shares of the labels of each class (column); for the background, shares of all false detections. */
function confusionChart(
  { size, counts }: ValidationDetails['confusion'],
  names: readonly string[],
): TopLevelSpec {
  const labels = [...names.slice(0, size - 1), 'background'];
  const sums = labels.map((_, column) =>
    labels.reduce((sum, __, row) => sum + counts[row * size + column], 0),
  );
  const cells = counts.map((count, i) => {
    const column = i % size;
    const share = count / Math.max(sums[column], 1);
    const text = share >= 0.005 ? share.toFixed(2) : '';
    return { actual: labels[column], detected: labels[Math.floor(i / size)], share, text };
  });
  const side = Math.min(Math.max(560 / size, 9), 60);
  const font = Math.min(Math.max(side * 0.28, 8), 13);
  const axis = { type: 'nominal', sort: labels, scale: { paddingInner: 0, paddingOuter: 0 } } as const;
  return {
    $schema: SCHEMA,
    title: {
      text: 'Confusion matrix',
      subtitle: 'shares of each column; confidence above 0.25, IoU above 0.45',
    },
    width: { step: side },
    height: { step: side },
    data: { values: cells },
    encoding: {
      x: {
        field: 'actual',
        title: 'Label',
        ...axis,
        axis: { labelAngle: -60, labelFontSize: Math.min(font + 1, 11) },
      },
      y: { field: 'detected', title: 'Detected', ...axis, axis: { labelFontSize: Math.min(font + 1, 11) } },
    },
    layer: [
      {
        mark: { type: 'rect', stroke: '#ffffff', strokeWidth: 0.5 },
        encoding: {
          color: {
            field: 'share',
            type: 'quantitative',
            scale: {
              domain: [0, 0.4, 1],
              range: ['#ffffff', '#7fb5dc', '#08306b'],
              interpolate: 'rgb',
            },
            legend: { title: null },
          },
        },
      },
      ...(size - 1 <= MAX_FIGURES
        ? [
            {
              mark: { type: 'text', fontSize: font },
              encoding: {
                text: { field: 'text', type: 'nominal' },
                color: { condition: { test: 'datum.share > 0.5', value: '#ffffff' }, value: '#1f2328' },
              },
            } as const,
          ]
        : []),
    ],
  };
}

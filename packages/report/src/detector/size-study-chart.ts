/** Accuracy over time per image, at several image sizes, of one detector or more. */
import type { TopLevelSpec } from '../chart.js';

export interface SizeStudy {
  readonly name: string;
  readonly points: readonly {
    /** Long side in pixels. */
    readonly imgsz: number;
    readonly mAP50_95: number;
    /** Time of inference per image. */
    readonly milliseconds: number;
  }[];
}

const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];

/** Draws mAP50-95 against inference time, a line per detector with a point per image size. */
export function sizeStudyChart(studies: readonly SizeStudy[]): TopLevelSpec {
  const values = studies.flatMap(({ name, points }) => points.map((point) => ({ name, ...point })));
  const encoding = {
    x: { field: 'milliseconds', type: 'quantitative', title: 'Inference per image, ms' },
    y: { field: 'mAP50_95', type: 'quantitative', title: 'mAP50-95', scale: { zero: false } },
    order: { field: 'imgsz' },
  } as const;
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title: 'Accuracy and speed by image size',
    width: 460,
    height: 300,
    data: { values },
    layer: [
      {
        mark: { type: 'line', point: { size: 40 } },
        encoding: {
          ...encoding,
          color: {
            field: 'name',
            type: 'nominal',
            title: null,
            scale: { range: COLORS },
            legend: studies.length > 1 ? { orient: 'bottom-right' } : null,
          },
        },
      },
      {
        mark: { type: 'text', dy: -10, fontSize: 10, color: '#424a53' },
        encoding: { ...encoding, text: { field: 'imgsz' } },
      },
    ],
  };
}

/** Precision over recall for each class. */
import type { ProjectClass } from '../../library/types.js';
import { Chart } from '../../parts/chart.js';
import { texts } from '../../texts/index.js';
import type { PrecisionCurve } from '../../worker/api.js';

interface PrecisionCurvesProps {
  readonly classes: readonly ProjectClass[];
  readonly curves: readonly PrecisionCurve[];
}

/** Most lines that can be told apart. */
const MOST = 10;

export function PrecisionCurves({ classes, curves }: PrecisionCurvesProps) {
  const { result: words } = texts.value;
  const [first] = curves;
  if (!first) return null;
  const recalls = first.precision.map((_, i, { length }) => i / (length - 1));
  const lines = curves.slice(0, MOST).map(({ classId, name, mAP50, precision }) => ({
    label: name,
    color: classes[classId]?.color ?? '--series-1',
    values: precision,
    figure: mAP50,
  }));
  return <Chart title={words.precision} xLabel={words.recall} x={recalls} lines={lines} />;
}

/** Precision over recall, with as many points as a chart can show. */
import type { ValidationDetails } from '@froyolo/boxes';
import type { PrecisionCurve } from './api.js';

const POINTS = 101;

type Shown = Pick<ValidationDetails['curves'][number], 'classId' | 'name' | 'mAP50' | 'precisionAtRecall'>;

export function curvesOf({ curves }: { readonly curves: readonly Shown[] }): PrecisionCurve[] {
  return curves.map(({ classId, name, mAP50, precisionAtRecall }) => {
    const last = precisionAtRecall.length - 1;
    const at = (i: number) => precisionAtRecall[Math.round((i * last) / (POINTS - 1))] ?? 0;
    return { classId, name, mAP50, precision: Array.from({ length: POINTS }, (_, i) => at(i)) };
  });
}

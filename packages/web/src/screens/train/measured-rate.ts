/** How fast this computer trains, from the trainings that it did. */
import { useEffect, useState } from 'preact/hooks';
import type { Run } from '../../library/types.js';
import { showError } from '../../state/messages.js';
import { opened, runs } from '../../state/project.js';
import { trainer } from '../../state/workers.js';

interface Measured {
  readonly freeze: string;
  /** Seconds of training per picture. */
  readonly seconds: number;
  readonly imgsz: number;
}

/** Seconds per picture with nothing frozen; undefined before anything was measured. */
export function useWholeSeconds(): number | undefined {
  const [whole, setWhole] = useState<number>();
  const { training } = opened();
  const measured = lastMeasured(runs.value);
  const key = measured && `${measured.freeze} ${measured.seconds} ${measured.imgsz}`;
  useEffect(() => {
    if (!measured) return;
    trainer()
      .plan({ ...training, imgsz: measured.imgsz }, measured.freeze)
      .then(({ time }) => setWhole(measured.seconds / time), showError);
  }, [key]);
  // Work grows with the pixels.
  return whole === undefined || !measured ? undefined : whole * (training.imgsz / measured.imgsz) ** 2;
}

/** The last epoch that trained on pictures: with cached features an epoch is faster. */
function lastMeasured(all: readonly Run[]): Measured | undefined {
  const last = all.at(-1);
  const isCached = last?.freeze === '';
  const point = last?.points.findLast(({ freeze }) => !isCached || freeze === '0');
  if (!last || !point?.imagesPerSecond) return undefined;
  return { freeze: point.freeze, seconds: 1 / point.imagesPerSecond, imgsz: last.imgsz };
}

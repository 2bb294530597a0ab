/** Measures one file on one device. */
import type { OpenedDevice } from '@froyolo/core/devices';
import { loadDetector, openNodeDevice, validateOnFiles } from '@froyolo/run/node';
import type { BenchmarkRow } from './results.js';
import { VARIANTS } from './variants.js';

export type Figures = Pick<BenchmarkRow, 'mAP50' | 'mAP50_95' | 'inference'>;

/** What is measured, as plain JSON. */
export interface MeasureOrder {
  /** Name of the format, as in the table. */
  readonly format: string;
  /** The file that is loaded. */
  readonly weights: string;
  readonly device: string;
  readonly data: string;
  readonly batchSize: number;
  readonly imgsz: number;
  /** Whether the device was named: one that wasn't may be missing. */
  readonly isNamed: boolean;
}

interface MeasureEvents {
  readonly signal?: AbortSignal | undefined;
  onWarning?(text: string): void;
}

/** Undefined where the device isn't there or runs other formats. */
export type Measure = (order: MeasureOrder, events: MeasureEvents) => Promise<Figures | undefined>;

/** Measures in this process. */
export const measureHere: Measure = async (order, { signal, onWarning }) => {
  const { data, batchSize, imgsz } = order;
  const opened = await presentDevice(order);
  if (!opened) return undefined;
  const { executor } = opened;
  try {
    const { runsOn } = VARIANTS.find(({ name }) => name === order.format) ?? {};
    if (!runsOn?.(executor)) return undefined;
    const detector = await loadDetector(order.weights);
    const { mAP50, mAP50_95, speed } = await validateOnFiles({
      detector,
      executor,
      data,
      batchSize,
      imgsz,
      rect: false,
      ...(signal ? { signal } : {}),
      onWarning: (text) => onWarning?.(text),
    });
    return { mAP50, mAP50_95, inference: speed.inference };
  } finally {
    await executor.dispose();
  }
};

async function presentDevice({ device, isNamed }: MeasureOrder): Promise<OpenedDevice | undefined> {
  const opening = openNodeDevice({ device });
  return isNamed ? opening : opening.catch(() => undefined);
}

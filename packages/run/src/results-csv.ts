/**
 * `results.csv` in YOLOv5's format: columns of 20 characters, numbers with five significant digits; and one column of our
 * own, the last: what was frozen in the epoch.
 */
import type { EpochEvent } from '@froyolo/yolo';

const COLUMNS = [
  'epoch',
  'train/box_loss',
  'train/obj_loss',
  'train/cls_loss',
  'metrics/precision',
  'metrics/recall',
  'metrics/mAP_0.5',
  'metrics/mAP_0.5:0.95',
  'val/box_loss',
  'val/obj_loss',
  'val/cls_loss',
  'x/lr0',
  'x/lr1',
  'x/lr2',
  'freeze',
];
const WIDTH = 20;

const line = (cells: readonly string[]) => `${cells.map((cell) => cell.padStart(WIDTH)).join(',')}\n`;

export const RESULTS_HEADER = line(COLUMNS);

/** Learning rates come in the order biases, convolution weights, weights of batch normalization, without factors by layer. */
export function resultsRow({ epoch, losses, validation, lr, freeze }: EpochEvent): string {
  const metrics = validation
    ? [validation.precision, validation.recall, validation.mAP50, validation.mAP50_95]
    : [0, 0, 0, 0];
  const val = validation?.losses ?? { box: 0, obj: 0, cls: 0 };
  const values = [
    epoch,
    ...[losses.box, losses.obj, losses.cls],
    ...metrics,
    ...[val.box, val.obj, val.cls],
    ...[lr.bias, lr.weight, lr.bn],
  ];
  return line([...values.map(formatNumber), freeze]);
}

/** Five significant digits without trailing zeros, as C's `%.5g`. */
export function formatNumber(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value).toLowerCase();
  const [mantissa, exponent] = value.toExponential(4).split('e') as [string, string];
  const power = Number(exponent);
  if (power < -4 || power >= 5) {
    const sign = power < 0 ? '-' : '+';
    return `${trimZeros(mantissa)}e${sign}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  return trimZeros(value.toFixed(4 - power));
}

const trimZeros = (digits: string) => (digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits);

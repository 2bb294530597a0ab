/**
 * `results.csv` in YOLOv5's format: columns of 20 characters, numbers with five significant digits; and one column of our
 * own, the last: what was frozen in the epoch.
 */
import type { EpochEvent } from '@froyolo/yolo';

const WIDTH = 20;

const line = (cells: readonly string[]) => `${cells.map((cell) => cell.padStart(WIDTH)).join(',')}\n`;

const METRICS = ['metrics/precision', 'metrics/recall', 'metrics/mAP_0.5', 'metrics/mAP_0.5:0.95'];

/** @param terms of the loss, in their order */
export function resultsHeader(terms: readonly string[]): string {
  const losses = (part: string) => terms.map((term) => `${part}/${term}_loss`);
  const rates = ['x/lr0', 'x/lr1', 'x/lr2'];
  return line(['epoch', ...losses('train'), ...METRICS, ...losses('val'), ...rates, 'freeze']);
}

/** Learning rates come in the order biases, convolution weights, weights of batch normalization, without factors by layer. */
export function resultsRow({ epoch, losses, validation, lr, freeze }: EpochEvent): string {
  const metrics = validation
    ? [validation.precision, validation.recall, validation.mAP50, validation.mAP50_95]
    : METRICS.map(() => 0);
  const terms = Object.keys(losses);
  const val = terms.map((term) => validation?.losses?.[term] ?? 0);
  const values = [epoch, ...Object.values(losses), ...metrics, ...val, lr.bias, lr.weight, lr.bn];
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

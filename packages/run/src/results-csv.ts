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

export interface ResultsRow {
  /** Epoch, from 0. */
  readonly epoch: number;
  /** The line as it stands in the file. */
  readonly row: string;
}

export interface KeptResults {
  /** Names of the columns; none where the first line doesn't hold them. */
  readonly columns: readonly string[];
  readonly rows: readonly ResultsRow[];
  /** Numbers of the lines that can't be believed, from 1. */
  readonly damaged: readonly number[];
}

/**
 * The rows of a `results.csv` that can be believed: as many cells as there are columns, numbers that such figures can be but
 * for the last, epochs that ascend.
 */
export function keptResults(text: string): KeptResults {
  const [header = '', ...lines] = text.trimEnd().split('\n');
  const columns = columnsOf(header);
  const rows: ResultsRow[] = [];
  const damaged = columns.length > 0 || text.trim() === '' ? [] : [1];
  for (const [index, row] of lines.entries()) {
    const epoch = epochOf(row, columns);
    if (epoch === undefined || epoch <= (rows.at(-1)?.epoch ?? -1)) damaged.push(index + 2);
    else rows.push({ epoch, row });
  }
  return { columns, rows, damaged };
}

/** Terms of the loss that has these columns. */
export function termsIn(columns: readonly string[]): string[] {
  return columns.flatMap((name) => /^train\/(.+)_loss$/.exec(name)?.[1] ?? []);
}

function columnsOf(header: string): string[] {
  const columns = cellsOf(header);
  return cellsOf(resultsHeader(termsIn(columns))).join() === columns.join() ? columns : [];
}

const cellsOf = (line: string) => line.split(',').map((cell) => cell.trim());

/** The epoch of a whole row. */
function epochOf(row: string, columns: readonly string[]): number | undefined {
  const cells = cellsOf(row);
  const numbers = cells.slice(0, -1);
  const isWhole =
    columns.length > 0 &&
    cells.length === columns.length &&
    numbers.every((cell, i) => cell !== '' && canBe(columns[i] ?? '', Number(cell)));
  const epoch = Number(cells[0]);
  return isWhole && Number.isInteger(epoch) && epoch >= 0 ? epoch : undefined;
}

/** Nothing in a row is negative, and no share of something is above 1. */
const canBe = (column: string, value: number) =>
  Number.isFinite(value) && value >= 0 && (value <= 1 || !METRICS.includes(column));

/** Five significant digits without trailing zeros, as C's `%.5g`. */
function formatNumber(value: number): string {
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

/** `evolve.csv` in YOLOv5's format: a row per generation, figures of its last epoch before the genes. */
import { fitness } from '@froyolo/boxes';
import { hyperparametersSchema } from '@froyolo/data';
import { IN_WORDS } from '@froyolo/errors';
import { StudyError } from '../errors.js';
import { GENE_NAMES, type GeneName, type Genome } from './genes.js';
import type { Scored } from './mutate.js';

const WIDTH = 20;
const METRICS = ['metrics/precision', 'metrics/recall', 'metrics/mAP_0.5', 'metrics/mAP_0.5:0.95'];

/** What a generation came to, on its last epoch. */
export interface GenerationResult {
  readonly precision: number;
  readonly recall: number;
  readonly mAP50: number;
  readonly mAP50_95: number;
  /** Losses of the validation by term. */
  readonly losses: Readonly<Record<string, number>>;
}

export interface Generation extends Scored {
  readonly result: GenerationResult;
}

/** All generations as text. */
export function evolveCsv(generations: readonly Generation[]): string {
  const [first] = generations;
  const terms = Object.keys(first?.result.losses ?? {});
  const genes = GENE_NAMES.filter((name) => first?.genome[name] !== undefined);
  const line = (cells: readonly string[]) => `${cells.map((cell) => cell.padStart(WIDTH)).join(',')}\n`;
  const header = line([...METRICS, ...terms.map((term) => `val/${term}_loss`), ...genes]);
  const rows = generations.map(({ genome, result }) => {
    const { precision, recall, mAP50, mAP50_95, losses } = result;
    const figures = [precision, recall, mAP50, mAP50_95, ...terms.map((term) => losses[term] ?? 0)];
    return line([...figures, ...genes.map((name) => genome[name] ?? 0)].map(digits));
  });
  return header + rows.join('');
}

/** Five significant digits. */
const digits = (value: number) => String(Number(value.toPrecision(5)));

/**
 * Reads the generations of an `evolve.csv`, YOLOv5's own too.
 * @throws StudyError with the line that isn't a row of numbers
 */
export function parseEvolveCsv(text: string, file: string): Generation[] {
  const [header = '', ...lines] = text.trimEnd().split(/\r?\n/);
  const columns = cellsOf(header);
  const missing = METRICS.find((name) => !columns.includes(name));
  if (missing !== undefined) throw new StudyError(`${file}:1: the column "${missing}" is missing`);
  return lines.map((line, i) => {
    const problem = (what: string) => new StudyError(`${file}:${i + 2}: ${what}; take the line out`);
    const values = cellsOf(line).map(Number);
    if (values.length !== columns.length || !values.every(Number.isFinite))
      throw problem(`not a row of ${columns.length} numbers`);
    const row = new Map(columns.map((name, at) => [name, values[at] ?? 0]));
    const beyond = METRICS.find((name) => !isShare(row.get(name) ?? 0));
    if (beyond !== undefined) throw problem(`${beyond} must be from 0 to 1, not ${row.get(beyond)}`);
    const generation = generationOf(row);
    const [issue] = genes.safeParse(generation.genome, IN_WORDS).error?.issues ?? [];
    if (issue) throw problem(`${issue.path.join('.')}: ${issue.message}`);
    return generation;
  });
}

const isShare = (value: number) => value >= 0 && value <= 1;

/** What hyperparameters can be, each alone. */
const genes = hyperparametersSchema.partial();

const cellsOf = (line: string) => line.split(',').map((cell) => cell.trim());

function generationOf(values: ReadonlyMap<string, number>): Generation {
  const [precision = 0, recall = 0, mAP50 = 0, mAP50_95 = 0] = METRICS.map((name) => values.get(name) ?? 0);
  const losses = [...values].flatMap(([name, value]) => {
    const term = /^val\/(.+)_loss$/.exec(name)?.[1];
    return term === undefined ? [] : [[term, value] as const];
  });
  const genes = GENE_NAMES.flatMap((name): [GeneName, number][] => {
    const value = values.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  const genome: Genome = Object.fromEntries(genes);
  const result = { precision, recall, mAP50, mAP50_95, losses: Object.fromEntries(losses) };
  return { genome, result, fitness: fitness(result) };
}

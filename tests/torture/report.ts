/**
 * Figures for the page of results: a line of JSON for each trial, in the file of TORTURE_REPORT. Trials that are in the file
 * already are not repeated, and none begins after TORTURE_SECONDS: called again and again, a long suite is done in pieces.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

const { TORTURE_REPORT, TORTURE_SECONDS } = process.env;
const end = Date.now() + 1000 * Number(TORTURE_SECONDS ?? Number.POSITIVE_INFINITY);

/** What is tried. */
interface Trials {
  readonly what: string;
  readonly subject: string;
}

export function note(figures: object): void {
  if (TORTURE_REPORT) appendFileSync(TORTURE_REPORT, `${JSON.stringify(figures)}\n`);
}

/**
 * Does trials by their numbers, from 0, as far as they aren't done and there is time.
 * @param trial gives its problems
 * @returns all problems
 */
export async function eachTrial(
  trials: Trials,
  count: number,
  trial: (number: number) => Promise<string[]>,
): Promise<string[]> {
  const done = numbersDone(trials);
  const all: string[] = [];
  for (let number = 0; number < count && Date.now() < end; number++) {
    if (done.has(number)) continue;
    const problems = await trial(number);
    note({ ...trials, trial: number, problems });
    all.push(...problems);
  }
  return all;
}

function numbersDone({ what, subject }: Trials): ReadonlySet<unknown> {
  const text = TORTURE_REPORT && existsSync(TORTURE_REPORT) ? readFileSync(TORTURE_REPORT, 'utf8') : '';
  const lines = text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  return new Set(lines.flatMap((line) => (line.what === what && line.subject === subject ? line.trial : [])));
}

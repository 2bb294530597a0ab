/**
 * Kills, full disks, pairs of processes and a long run: `pnpm torture [--kills 100] [--full 1000] [--pairs 200]
 * [--minutes 60] [--seed 1]`. Writes docs/results/torture.md.
 *
 * In pieces: `--only NAME --part 2/4 --report FILE` does the second quarter of the tests of that name and adds their figures
 * to a file; `--page --report FILE` makes the page from it.
 */
import { parseArgs } from 'node:util';
import { MACHINE, readReport, runSuite, writeResults } from './run-suite.mjs';

const option = (value) => ({ type: 'string', default: value });
const { values } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  options: {
    ...{ kills: option('100'), full: option('1000'), pairs: option('200'), minutes: option('60') },
    ...{ seed: option('1'), part: option('1/1'), only: { type: 'string' }, report: { type: 'string' } },
    page: { type: 'boolean', default: false },
  },
});
const { only, report, page: pageAlone, ...settings } = values;
const filter = only === undefined ? [] : ['-t', only];
const { status, rows } = pageAlone
  ? { status: 0, rows: readReport(report) }
  : runSuite('torture', settings, { report, filter });
if (pageAlone || only === undefined) writeResults('torture', page(rows));
process.exit(status);

/** Rows of the same tests, done in parts, as one. */
function merged(rows) {
  const all = new Map();
  for (const { what, subject = 'two processes', trials, problems } of rows) {
    const known = all.get(`${what} ${subject}`) ?? { what, subject, trials: 0, problems: 0 };
    known.trials += trials;
    known.problems += problems.length;
    all.set(`${what} ${subject}`, known);
  }
  return [...all.values()];
}

function page(rows) {
  const trials = merged(rows.filter(({ what }) => what !== 'memory'));
  const memory = rows.findLast(({ what }) => what === 'memory');
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
  return [
    '# Torture',
    '',
    `\`pnpm torture\` on ${MACHINE}.`,
    'A trial kills a command with signal 9 (at each rename, before and after it; the rest at random changes of the disk and at',
    'random moments), or lets the disk be full from one change on. Then the command goes on: its files have to be byte-identical to',
    'those of a run that nothing happened to, and nothing unfinished may be left.',
    '',
    '| what | subject | trials | problems |',
    '|---|---|---:|---:|',
    ...trials.map((row) => `| ${row.what} | ${row.subject} | ${row.trials} | ${row.problems} |`),
    '',
    ...(memory
      ? [
          `Resident memory of a training in epochs of 2 batches, watched for ${memory.minutes} minutes from epoch 40 on: at least ${megabytes(memory.first)}`,
          `in the first third, ${megabytes(memory.last)} in the last; slope ${megabytes(memory.slope)} an hour (${memory.samples} samples).`,
          '',
        ]
      : []),
  ].join('\n');
}

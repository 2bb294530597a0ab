/**
 * Kills, full disks, pairs of processes and a long run: `pnpm torture [--kills 100] [--full 1000] [--disks 20] [--pairs 200]
 * [--minutes 60] [--seed 1]`. Writes docs/results/torture.md. Small disks need root on Linux; without it they are skipped.
 *
 * In pieces: `--only NAME --seconds 400 --report FILE` begins no trial after that time, and writes each into the file; called
 * again, it goes on. `--page --report FILE` makes the page.
 */
import { parseArgs } from 'node:util';
import { readReport, runSuite, writeResults } from './run-suite.mjs';
import { page } from './torture-page.mjs';

const option = (value) => ({ type: 'string', default: value });
const { values } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  options: {
    kills: option('100'),
    full: option('1000'),
    disks: option('20'),
    pairs: option('200'),
    minutes: option('60'),
    seed: option('1'),
    seconds: option('Infinity'),
    only: { type: 'string' },
    report: { type: 'string' },
    page: { type: 'boolean', default: false },
  },
});
const { only, report, page: pageAlone, ...settings } = values;
// One file after the other: a command that is killed after some time has to take as long as it took undisturbed.
const filter = ['--no-file-parallelism', ...(only === undefined ? [] : ['-t', only])];
const { status, rows } = pageAlone
  ? { status: 0, rows: readReport(report) }
  : runSuite('torture', settings, { report, filter });
if (pageAlone || only === undefined) writeResults('torture', page(rows));
process.exit(status);

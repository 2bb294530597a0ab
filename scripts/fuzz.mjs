/**
 * Runs the suite of damaged inputs: `pnpm fuzz [count of each kind] [seed]`. Writes docs/results/fuzz.md from 1000 inputs of
 * each kind on.
 */
import { MACHINE, runSuite, writeResults } from './run-suite.mjs';

const [count = '1000', seed = '1'] = process.argv.slice(2);
const started = performance.now();
const { status, rows } = runSuite('fuzz', { count, seed });
const minutes = ((performance.now() - started) / 60_000).toFixed(1);
if (Number(count) >= 1000) writeResults('fuzz', page(rows.sort((a, b) => a.name.localeCompare(b.name))));
process.exit(status);

function page(rows) {
  const inputs = rows.reduce((sum, row) => sum + row.inputs, 0);
  const failures = rows.reduce((sum, row) => sum + row.failures.length, 0);
  return `${[
    '# Damaged inputs',
    '',
    `\`pnpm fuzz ${count} ${seed}\` on ${MACHINE}: ${rows.length} kinds, ${inputs} inputs, ${failures} failures in ${minutes} minutes.`,
    'Each input is a valid file with one to four random changes. It fails if the error is one of the language or the system rather than of the program, if it lacks the name of the file, if more than 5 s of CPU time or 500 MB of memory are used, or if damaged content is accepted.',
    '',
    '| kind | inputs | refused with an error | most CPU, s | most memory, MB | total seconds | failures |',
    '|---|---:|---:|---:|---:|---:|---:|',
    ...rows.map((row) => {
      const [cpu, memory, seconds] = [
        row.cpu.toFixed(2),
        (row.memory / 1e6).toFixed(0),
        row.seconds.toFixed(0),
      ];
      return `| ${row.name} | ${row.inputs} | ${row.refused} | ${cpu} | ${memory} | ${seconds} | ${row.failures.length} |`;
    }),
  ].join('\n')}\n`;
}

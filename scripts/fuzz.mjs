/**
 * Runs the suite of damaged inputs: `pnpm fuzz [count of each kind] [seed]`, and writes docs/results/fuzz.md when it runs
 * all 1000.
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
    'An input is a whole file with one to four changes at random. A failure is an error of the language or the system, an error without the name of the file, more than 5 s of CPU time, more than 500 MB of memory, or something damaged that is believed.',
    '',
    '| kind | inputs | refused by an error | most CPU, s | most memory, MB | seconds in all | failures |',
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

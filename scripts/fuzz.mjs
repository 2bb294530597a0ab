/**
 * Runs the suite of damaged inputs: `pnpm fuzz [count of each kind] [seed]`, and writes docs/results/fuzz.md when it runs
 * all 1000.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [count = '1000', seed = '1'] = process.argv.slice(2);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'froyolo-fuzz-report-'));
const report = join(folder, 'report.jsonl');
const env = { ...process.env, FUZZ_COUNT: count, FUZZ_SEED: seed, FUZZ_REPORT: report };
const vitest = [here('../node_modules/vitest/vitest.mjs'), 'run', 'tests/fuzz'];
const started = performance.now();
const { status } = spawnSync(process.execPath, vitest, { env, stdio: 'inherit' });
const minutes = ((performance.now() - started) / 60_000).toFixed(1);
if (Number(count) >= 1000) writeFileSync(here('../docs/results/fuzz.md'), page(readFileSync(report, 'utf8')));
rmSync(folder, { recursive: true, force: true });
process.exit(status ?? 1);

function page(lines) {
  const rows = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .sort((a, b) => a.name.localeCompare(b.name));
  const inputs = rows.reduce((sum, row) => sum + row.inputs, 0);
  const failures = rows.reduce((sum, row) => sum + row.failures.length, 0);
  return `${[
    '# Damaged inputs',
    '',
    `\`pnpm fuzz ${count} ${seed}\` on ${cpus()[0]?.model.trim()}, Node ${process.version}: ${rows.length} kinds, ${inputs} inputs, ${failures} failures in ${minutes} minutes.`,
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

/** Runs suites of tests that append a JSON line for each thing that they tried, and writes what came out to docs/results. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The machine of a result, for its heading. */
export const MACHINE = `${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}`;

/**
 * Runs `tests/SUITE` with `settings` as variables, `{ count }` as `SUITE_COUNT`.
 * @param report a file of lines to add to, instead of a temporary one
 * @returns the exit status, and the lines
 */
export function runSuite(suite, settings, { report, filter = [] } = {}) {
  const folder = mkdtempSync(join(tmpdir(), `froyolo-${suite}-report-`));
  const file = report ?? join(folder, 'report.jsonl');
  const variables = Object.entries({ ...settings, report: file });
  const named = variables.map(([name, value]) => [`${suite}_${name}`.toUpperCase(), value]);
  const vitest = [here('../node_modules/vitest/vitest.mjs'), 'run', `tests/${suite}`, ...filter];
  const env = { ...process.env, ...Object.fromEntries(named) };
  const { status } = spawnSync(process.execPath, vitest, { env, stdio: 'inherit' });
  const rows = existsSync(file) ? readReport(file) : [];
  rmSync(folder, { recursive: true, force: true });
  return { status: status ?? 1, rows };
}

/** The lines of a report. */
export function readReport(file) {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line));
}

export const writeResults = (name, text) => writeFileSync(here(`../docs/results/${name}.md`), text);

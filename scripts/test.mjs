// `npm test`: install, build, lint, type check and every test; the last line is the totals.
// `npm test -- --tfjs-node` gives tfjs-node its libtensorflow first (see install-tfjs-node.mjs).
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installAndBuild, pnpm, script } from './workspace.mjs';

/** Names of the skipped tests; a name says why. */
function skippedNames(report) {
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  return tests.filter((test) => test.status === 'skipped').map((test) => test.fullName);
}

/** Totals of vitest's JSON report; a file that failed before its first test counts as one failure. */
function readTotals(report) {
  const broken = report.testResults.filter(
    (f) => f.status === 'failed' && f.assertionResults.every((t) => t.status !== 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

installAndBuild();
// Where that fails it says why, and the tests that need it are skipped.
if (process.argv.includes('--tfjs-node')) script('scripts/install-tfjs-node.mjs', 'packages/core');
const failedSteps = ['lint', 'typecheck'].filter((script) => pnpm('run', script) !== 0);

const folder = mkdtempSync(join(tmpdir(), 'froyolo-test-'));
const reportFile = join(folder, 'report.json');
const status = pnpm(
  'exec',
  'vitest',
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${reportFile}`,
);
const report = JSON.parse(readFileSync(reportFile, 'utf8'));
const totals = readTotals(report);
rmSync(folder, { recursive: true });

for (const name of skippedNames(report)) console.log(`skipped: ${name}`);
for (const step of failedSteps) console.error(`${step} failed; it counts as one failure below.`);
const failed = totals.failed + failedSteps.length;
console.log(`${totals.passed} passed, ${failed} failed, ${totals.skipped} skipped`);
process.exitCode = status !== 0 || failed > 0 ? 1 : 0;

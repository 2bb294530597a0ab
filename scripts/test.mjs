// `npm test`: install, build, lint, type check and every test; the last line is the totals.
// `npm test -- --tfjs-node` gives tfjs-node its libtensorflow first (see install-tfjs-node.mjs).
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { installAndBuild, pnpm, script } from './workspace.mjs';

/** Runs the tests of these files, by default of all; returns the results by file. */
function runTests(...args) {
  const folder = mkdtempSync(join(tmpdir(), 'froyolo-test-'));
  const [listFile, reportFile] = ['files.json', 'report.json'].map((name) => join(folder, name));
  pnpm('exec', 'vitest', 'list', '--filesOnly', `--json=${listFile}`, ...args);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  pnpm('exec', 'vitest', 'run', ...reporters, ...args);
  const listed = JSON.parse(readFileSync(listFile, 'utf8')).map(({ file }) => [file, crashed(file)]);
  const { testResults, success } = JSON.parse(readFileSync(reportFile, 'utf8'));
  rmSync(folder, { recursive: true });
  return { success, files: new Map([...listed, ...testResults.map((file) => [file.name, file])]) };
}

/** A file that isn't reported: its process ended in the middle of it, as that of a native library can. */
const crashed = (name) => ({ name, status: 'failed', assertionResults: [], message: 'its process crashed' });

const failedFiles = (files) => [...files.values()].filter(({ status }) => status === 'failed');
/** Files that failed outside their tests. */
const brokenFiles = (files) =>
  failedFiles(files).filter((file) => named(file.assertionResults, 'failed').length === 0);
const named = (tests, status) => tests.filter((test) => test.status === status);
const testsOf = (files) => files.flatMap((file) => file.assertionResults);

/**
 * Runs the files that failed once more, alone. Tests that start browsers and kill processes depend on what else the machine does;
 * an error of the code fails both times. What failed once only is printed, with its reason.
 */
function secondTry(first) {
  const failed = failedFiles(first.files);
  // More than a few are no accident.
  if (failed.length === 0 || failed.length > 3) return first;
  const second = runTests('--no-file-parallelism', ...failed.map(({ name }) => relative('.', name)));
  const failedAgain = new Set(named(testsOf([...second.files.values()]), 'failed').map((t) => t.fullName));
  for (const { name, message } of brokenFiles(first.files))
    if (second.files.get(name)?.status === 'passed')
      console.log(`unsteady: ${relative('.', name)} failed at first: ${message}`);
  for (const { fullName, failureMessages } of named(testsOf(failed), 'failed'))
    if (!failedAgain.has(fullName))
      console.log(`unsteady: ${fullName} failed at first: ${failureMessages[0]?.split('\n')[0]}`);
  return { success: second.success, files: new Map([...first.files, ...second.files]) };
}

/** A file that failed outside its tests counts as one failure. */
function readTotals(files) {
  const tests = testsOf([...files.values()]);
  const passed = named(tests, 'passed').length;
  const failed = named(tests, 'failed').length + brokenFiles(files).length;
  return { passed, failed, skipped: tests.length - passed - named(tests, 'failed').length };
}

installAndBuild();
// Where that fails it says why, and the tests that need it are skipped.
if (process.argv.includes('--tfjs-node')) script('scripts/install-tfjs-node.mjs', 'packages/core');
const failedSteps = ['lint', 'typecheck'].filter((step) => pnpm('run', step) !== 0);

const { success, files } = secondTry(runTests());
const totals = readTotals(files);
// The name of a skipped test says why.
for (const test of named(testsOf([...files.values()]), 'skipped')) console.log(`skipped: ${test.fullName}`);
for (const step of failedSteps) console.error(`${step} failed; it counts as one failure below.`);
const failed = totals.failed + failedSteps.length;
console.log(`${totals.passed} passed, ${failed} failed, ${totals.skipped} skipped`);
process.exitCode = !success || failed > 0 ? 1 : 0;

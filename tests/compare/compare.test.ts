import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEMO_CLASSES } from '@froyolo/shapes';
import { generateShapes } from '@froyolo/shapes/node';
import type { StudyResults } from '@froyolo/study';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { froyolo, IS_BUILT, SMALL_MODEL } from '../cli/froyolo.js';

const reason = IS_BUILT ? '' : ' (skipped: not built; run npm test or pnpm build)';
const IMGSZ = 64;
const EPOCHS = 4;

describe.skipIf(!IS_BUILT)(`froyolo compare${reason}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'froyolo-compare-'));
  const at = (...parts: string[]) => join(folder, 'runs/compare', ...parts);
  const read = (...parts: string[]) => readFileSync(at(...parts), 'utf8');
  const results = (name: string): StudyResults => JSON.parse(read(name, 'results.json'));
  const recipe = ['--data', 'shapes/data.yaml', '--weights', '', '--cfg', 'model.yaml', '--noautoanchor'];
  const size = ['--imgsz', IMGSZ, '--batch-size', 4, '--workers', 0, '--epochs', EPOCHS];
  const start = ['compare', ...recipe, ...size, '--freeze', 0, '0-1'];
  const epochsOf = (arm: string) =>
    read(arm, 'results.csv')
      .trim()
      .split('\n')
      .slice(1)
      .map((row) => Number(row.split(',')[0]));

  beforeAll(async () => {
    await generateShapes({
      out: join(folder, 'shapes'),
      classes: DEMO_CLASSES,
      train: 24,
      val: 4,
      imgsz: IMGSZ,
    });
    copyFileSync(SMALL_MODEL, join(folder, 'model.yaml'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('a killed compare run resumes and loses nothing', async () => {
    const isSecondRun = /Run 2 of 2.*\n(.*\n)* +2\/4 /;
    let isSent = false;
    const killed = await froyolo(folder, [...start, '--name', 'killed'], (stdout, child) => {
      if (!isSent && isSecondRun.test(stdout)) isSent = child.kill('SIGKILL');
    });
    expect([killed.status, isSent]).toEqual([null, true]);

    const [first, second] = ['killed/freeze-0-seed-0', 'killed/freeze-0-1-seed-0'] as const;
    const kept = () => ['results.csv', 'samples.csv', 'arm.json'].map((file) => read(first, file));
    const weights = at(first, 'weights/best.safetensors');
    const finished = { files: kept(), written: statSync(weights).mtimeMs };
    const rows = read(second, 'results.csv').split('\n').slice(0, 2);
    const samples = read(second, 'samples.csv').split('\n').slice(0, -1);
    const timing = JSON.parse(read(second, 'arm.json')).timing;

    const resumed = await froyolo(folder, ['compare', '--resume', 'runs/compare/killed']);
    expect([resumed.status, resumed.stdout]).toEqual([0, expect.stringContaining('freeze 0, seed 0: done')]);
    // The finished run is as it was.
    expect(kept()).toEqual(finished.files);
    expect(statSync(weights).mtimeMs).toBe(finished.written);
    // The interrupted one went on: what it had is still there, and each epoch is there once.
    expect(resumed.stdout).not.toMatch(/^ +1\/4 /m);
    expect(read(second, 'results.csv').startsWith(`${rows.join('\n')}\n`)).toBe(true);
    expect(read(second, 'samples.csv').startsWith(samples.join('\n'))).toBe(true);
    expect(JSON.parse(read(second, 'arm.json')).timing.slice(0, 1)).toEqual(timing.slice(0, 1));
    expect(epochsOf(second)).toEqual([0, 1, 2, 3]);
    expect(results('killed').arms.map(({ status, epochs }) => [status, epochs.length])).toEqual([
      ['finished', EPOCHS],
      ['finished', EPOCHS],
    ]);
  });

  test('a resumed study trains what one without a break does', async () => {
    const whole = await froyolo(folder, [...start, '--name', 'whole']);
    expect([whole.status, whole.stderr]).toEqual([0, expect.any(String)]);
    const figures = (name: string) =>
      results(name).arms.map(({ freeze, epochs }) => [freeze, epochs.map(({ trainLosses }) => trainLosses)]);
    expect(figures('killed')).toEqual(figures('whole'));
  });

  test('the report has a summary, a recommendation and charts, and its page loads nothing', () => {
    expect(readdirSync(at('whole')).sort()).toEqual([
      'charts',
      'freeze-0-1-seed-0',
      'freeze-0-seed-0',
      'report.html',
      'report.md',
      'results.json',
      'study.json',
    ]);
    const { summary, recommendation } = results('whole');
    expect(summary.map(({ freeze }) => freeze)).toEqual(['0', '0-1']);
    const [all, frozen] = summary;
    expect(frozen!.trainableParameters).toBeLessThan(all!.trainableParameters);
    for (const { seconds, imagesPerSecond, peakMemory } of summary)
      for (const { mean } of [seconds, imagesPerSecond, peakMemory]) expect(mean).toBeGreaterThan(0);
    expect(read('whole/report.md')).toContain(recommendation[0]);
    const html = read('whole/report.html');
    expect(html.match(/<svg/g)!.length).toBeGreaterThanOrEqual(4);
    expect(html).not.toMatch(/<script|<link|<img|src=|@import|url\(/);
  });

  test('more seeds can be added to a study', async () => {
    const more = await froyolo(folder, ['compare', '--resume', 'runs/compare/whole', '--seeds', 2]);
    expect([more.status, more.stdout.match(/: done$/gm)]).toEqual([0, [': done', ': done']]);
    const { summary } = results('whole');
    expect(summary.map(({ runs, mAP50 }) => [runs, mAP50.deviation !== undefined])).toEqual([
      [2, true],
      [2, true],
    ]);
  });

  test('other settings in the same folder are refused', async () => {
    const other = [...start, '--epochs', EPOCHS + 1, '--name', 'whole', '--exist-ok'];
    const { status, stderr } = await froyolo(folder, other);
    expect([status, stderr]).toEqual([1, expect.stringContaining('epochs (4 there, 5 now)')]);
  });

  test('a freeze that can not be meant fails before anything is trained', async () => {
    const { status, stderr } = await froyolo(folder, [...start, '--freeze', 'bakbone', '--name', 'wrong']);
    expect([status, stderr]).toEqual([1, expect.stringContaining('bakbone')]);
    expect(existsSync(at('wrong'))).toBe(false);
  });

  test.skipIf(process.platform === 'win32')(
    'Ctrl-C saves and says how to resume (skipped on Windows, which has no SIGINT to send)',
    async () => {
      let isSent = false;
      const stopped = await froyolo(folder, [...start, '--name', 'stopped'], (stdout, child) => {
        if (!isSent && /^ +1\/4 /m.test(stdout)) isSent = child.kill('SIGINT');
      });
      expect([stopped.status, stopped.stderr]).toEqual([130, expect.stringContaining('Stopping')]);
      const [, resume] = stopped.stderr.match(/^ +froyolo (compare --resume \S+)$/m) ?? [];
      expect(resume).toBe('compare --resume runs/compare/stopped');
      const resumed = await froyolo(folder, resume!.split(' '));
      expect([resumed.status, resumed.stderr]).toEqual([0, expect.any(String)]);
      expect(existsSync(at('stopped/report.html'))).toBe(true);
      expect(epochsOf('stopped/freeze-0-seed-0')).toEqual([0, 1, 2, 3]);
    },
  );
});

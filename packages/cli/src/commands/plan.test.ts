import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FreezePlanRow } from '@froyolo/run';
import { beforeAll, describe, expect, test } from 'vitest';
import { Terminal } from '../output/terminal.js';
import { runProgram } from '../program.js';

const SMALL = ['--cfg', join(import.meta.dirname, '../../../shapes/embedded/model.yaml'), '--imgsz', '64'];

async function run(...argv: string[]): Promise<{ stdout: string; stderr: string }> {
  const written = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({ write: (text: string) => (written[name] += text) });
  const terminal = new Terminal({ stdout: stream('stdout'), stderr: stream('stderr'), env: {} });
  await runProgram({ terminal, signal: new AbortController().signal }, argv);
  return written;
}

const plan = (...argv: string[]) => run('plan', ...argv);

describe('froyolo plan', () => {
  const picture = join(mkdtempSync(join(tmpdir(), 'froyolo-plan-')), 'plan.svg');
  let rows: FreezePlanRow[];

  beforeAll(async () => {
    const { stdout } = await plan(...SMALL, '--nc', '2', '--json', '--picture', picture);
    rows = (JSON.parse(stdout) as { rows: FreezePlanRow[] }).rows;
  });

  test('has a row for every depth from nothing to all but the head', () => {
    expect(rows.length).toBeGreaterThan(5);
    expect(rows.map(({ depth }) => depth)).toEqual(rows.map((_, i) => i));
    expect(rows.at(-1)!.peakBytes).toBeLessThan(rows[0].peakBytes);
    expect(rows.at(-1)!.cached!.relativeTime).toBeLessThan(rows.at(-1)!.relativeTime);
  });

  test('draws memory and time', () => {
    const svg = readFileSync(picture, 'utf8');
    expect(svg).toMatch(/^<svg/);
    for (const text of ['peak memory, MB', 'time of a step, freeze 0 = 1', 'from cached features'])
      expect(svg).toContain(text);
  });

  test('prints a table as wide as its figures', async () => {
    const { stdout } = await plan(...SMALL, '--nc', '2');
    const lines = stdout.split('\n');
    expect(lines[0]).toBe('16 images of 64 px, 2 classes, SGD');
    expect(lines[2]).toMatch(/^freeze +trainable +forward +backward +activations/);
    expect(lines.slice(3, 3 + rows.length).map((line) => line.trim().split(/\s+/)[0])).toEqual(
      rows.map(({ depth }) => String(depth)),
    );
  });

  test('wants the number of classes once', async () => {
    await expect(plan(...SMALL)).rejects.toThrow('--cfg: it needs the number of classes: give nc or data');
    await expect(plan(...SMALL, '--nc', '2', '--data', 'data.yaml')).rejects.toThrow('give one of them');
  });
});

describe('froyolo train --freeze auto', () => {
  const train = (...argv: string[]) => run('train', '--data', 'data.yaml', ...argv);

  test('wants the memory, and only then', async () => {
    await expect(train('--freeze', 'auto')).rejects.toThrow('such as --memory 1GB');
    await expect(train('--freeze', 'auto', '3', '--memory', '1GB')).rejects.toThrow(
      "can't be combined with other selectors",
    );
    await expect(train('--memory', '1GB')).rejects.toThrow('--memory has an effect only with --freeze auto');
  });
});

/** The script that runs the GPU checks: what it would run, and the table that it prints, without a GPU. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const SCRIPTS = resolve(import.meta.dirname, '../../scripts/gpu');
const folder = mkdtempSync(join(tmpdir(), 'froyolo-gpu-'));
const isWindows = process.platform === 'win32';

beforeAll(() => {
  writeFileSync(join(folder, 'env.sh'), '');
  for (const name of ['pages', 'yolov5', 'node_modules/onnxruntime-node'])
    mkdirSync(join(folder, name), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const check = (...args: string[]) =>
  spawnSync('bash', [join(SCRIPTS, 'check.sh'), ...args], { encoding: 'utf8' });

describe.skipIf(isWindows)(`check.sh${isWindows ? ' (skipped: needs bash)' : ''}`, () => {
  test.each(['bundle.sh', 'check.sh', 'setup.sh'])('%s is a script that bash can read', (name) => {
    expect(spawnSync('bash', ['-n', join(SCRIPTS, name)], { encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    });
  });

  test('--dry-run: every device is timed and checked, and nothing is run', () => {
    const { status, stdout } = check('--dry-run', folder);
    expect(status).toBe(0);
    for (const part of [
      'bench.mjs tf-cuda yolov5m',
      'parity.mjs tf-cuda shared',
      'parity.mjs chromium:wgsl',
      'torch_bench.py',
      'tf-cuda,half=true yolov5n',
      'chrome.mjs wgsl',
      'bench.mjs ort-cuda yolov5n',
    ])
      expect(stdout).toContain(part);
    const limits = [...stdout.matchAll(/would run, at most (\d+) s/g)].map(([, seconds]) => Number(seconds));
    expect(limits.length).toBeGreaterThan(15);
    // What the first parts are allowed fits into the eight minutes.
    expect(limits.slice(0, 6).reduce((sum, seconds) => sum + seconds, 0)).toBeLessThan(480);
  });

  test('parts by name; what is no part, or no folder, is told', () => {
    const { stdout } = check('--dry-run', folder, 'ort');
    expect(stdout).toContain('ort-cuda');
    expect(stdout).not.toContain('torch_bench');
    expect(check('--dry-run', folder, 'all')).toMatchObject({ status: 2, stderr: 'there is no part all\n' });
    expect(check(join(folder, 'nowhere')).stderr).toContain('usage: check.sh');
  });
});

test('one table of all figures, the first of each, failures and what was not opened included', () => {
  const log = join(folder, 'gpu.log');
  writeFileSync(
    log,
    [
      '[0 s] --- ours',
      'OURS tf-cuda yolov5n 320 b16 f24: 1615.2 img/s; best 1700.0; gradient 9.0 ms',
      'OURS tf-cuda yolov5m 512 b48 f10: 774.6 img/s; best 800.0',
      'OURS tf-cuda yolov5n 320 b16 f24: 1.0 img/s; best 1.0',
      'OURS tf-cuda yolov5m 512 b48 f0: FAILED out of memory',
      'TORCH yolov5n 320 b16 f24 amp: 677.0 img/s median, best 700.0; step 23.6 ms; alloc 1 MB reserved 2 MB',
      'OURS chromium:wgsl yolov5n 320 b16 f10: 500.4 img/s; GPU',
      'OURS ort-cuda NOT OPENED: no library',
      'PARITY tf-cuda ops: 111 of 111 within 1e-4',
    ].join('\n'),
  );
  const lines = execFileSync(process.execPath, [join(SCRIPTS, 'table.mjs'), log], { encoding: 'utf8' })
    .trim()
    .split('\n');
  expect(lines.map((line) => line.trim().split(/ {2,}/))).toEqual([
    ['images/s', 'n 0', 'n 10', 'n 24', 'm 0', 'm 10', 'm 24'],
    ['tf-cuda', '-', '-', '1615', 'failed', '775', '-'],
    ['PyTorch, amp', '-', '-', '677', '-', '-', '-'],
    ['chromium:wgsl', '-', '500', '-', '-', '-', '-'],
    ['OURS ort-cuda NOT OPENED: no library'],
    ['PARITY tf-cuda ops: 111 of 111 within 1e-4'],
  ]);
});

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runCli } from '../cli.js';

const folder = mkdtempSync(join(tmpdir(), 'froyolo-graph-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SMALL = ['--cfg', join(import.meta.dirname, '../../../shapes/embedded/model.yaml'), '--nc', '2'];

async function graph(...argv: string[]) {
  const written = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({ write: (text: string) => (written[name] += text) });
  const streams = { stdout: stream('stdout'), stderr: stream('stderr'), env: {} };
  return { status: await runCli(['graph', ...SMALL, '--imgsz', '64', ...argv], streams), ...written };
}

test('passes and what they change, ops and what they cost, files for Graphviz and Netron', async () => {
  const [dot, onnx] = [join(folder, 'step.dot'), join(folder, 'step.onnx')];
  const { status, stdout } = await graph('--freeze', '10', '--dot', dot, '--onnx', onnx);
  expect([status, stdout]).toEqual([0, expect.stringMatching(/^1 simplify: \d+ → \d+ ops; /)]);
  expect(stdout).toMatch(/^conv2dBackwardWeight +\d+ +\d+\.\d+$/m);
  expect(stdout).toMatch(/^\d+ launches when fused \(.*\d+ conv, .*\), .* GB moved/m);
  expect(stdout).toMatch(
    /^[\d.]+ MB of inputs and \d+ bytes of results cross the bus in a run; [\d.]+ MB of state/m,
  );
  expect(readFileSync(dot, 'utf8')).toMatch(/^digraph /);
  expect(readFileSync(onnx, 'latin1')).toContain('Conv');
});

test('the graph after any pass; frozen layers have no gradients', async () => {
  const printed = async (...argv: string[]) => (await graph('--print', ...argv)).stdout;
  const [before, after] = [await printed('--after', '0'), await printed()];
  expect(before.split('\n').length).toBeGreaterThan(after.split('\n').length);
  expect(after).toContain('conv2dBackwardWeight');
  const frozen = await printed('--freeze', '10');
  expect(frozen.split('conv2dBackwardWeight').length).toBeLessThan(
    after.split('conv2dBackwardWeight').length,
  );
  expect(await graph('--after', '99')).toMatchObject({ status: 2 });
});

test.each([0, 1])('the ONNX file after pass %i', async (after) => {
  const onnx = join(folder, `after-${after}.onnx`);
  expect(await graph('--after', String(after), '--onnx', onnx)).toMatchObject({
    status: 0,
    stderr: expect.stringContaining('Written'),
  });
  expect(readFileSync(onnx, 'latin1')).toContain('Conv');
});

import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runCli } from './cli.js';

async function run(...argv: string[]) {
  const written = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({ write: (text: string) => (written[name] += text) });
  const status = await runCli(argv, { stdout: stream('stdout'), stderr: stream('stderr'), env: {} });
  return { status, ...written };
}

test('--help and --version end well', async () => {
  const help = await run('--help');
  expect([help.status, help.stderr]).toEqual([0, '']);
  for (const command of ['train', 'val', 'detect', 'params', 'data']) expect(help.stdout).toContain(command);
  expect(await run('--version')).toEqual({
    status: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    stderr: '',
  });
  expect((await run('train', '--help')).stdout).toMatch(/--epochs <count>.*default: 100/s);
});

test.each([
  ['no command', [], /Usage: froyolo/],
  ['an unknown command', ['trian'], /Did you mean train/],
  ["a command's name elsewhere", ['predict', '--source', 'a.jpg'], /it is "froyolo detect"/],
  ['an unknown flag', ['train', '--epoch-count', '3'], /unknown option '--epoch-count'/],
  ['a flag with a typing error', ['train', '--epohcs', '3'], /Did you mean --epochs/],
  [
    'a value out of range',
    ['train', '--epochs', '0'],
    /--epochs: it must be a whole number from 1 to 1000000, not 0/,
  ],
  [
    'a value of another kind',
    ['detect', '--source', 'a.jpg', '--conf', 'high'],
    /--conf-thres.*from 0 to 1/s,
  ],
  [
    'an unknown optimizer',
    ['train', '--optimizer', 'Lion'],
    /--optimizer: it must be one of SGD, Adam, AdamW, not "Lion"/,
  ],
  ['training without data', ['train'], /--data is missing/],
  ['validation without data', ['val'], /--data is missing/],
  [
    'a device that is not known',
    ['train', '--device', 'mps', '--data', 'a.yaml'],
    /--device: there is no device "mps"; there are auto, cpu, cuda/,
  ],
  [
    'several devices',
    ['train', '--device', '0,1', '--data', 'a.yaml'],
    /a training runs on one device; name one, such as 0/,
  ],
  [
    'automatic batch size of validation',
    ['val', '--batch', '-1', '--data', 'a.yaml'],
    /--batch-size: it must be a whole number of at least 1, not -1/,
  ],
  ['a flag that is not here', ['train', '--sync_bn'], /--sync-bn is not here: /],
  ['one with values', ['train', '--data', 'a.yaml', '--bucket', 'b'], /--bucket is not here: /],
  ['benchmarks of nothing', ['benchmarks'], /--data is missing: give a dataset YAML/],
  ['data without what to do', ['data'], /Usage: froyolo data/],
  ['conversion of nothing', ['data', 'convert', '--out', 'x'], /name a folder, zip or COCO file/],
])('%s is a usage error: status 2', async (_, argv, message) => {
  const { status, stdout, stderr } = await run(...argv);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/^ +at /m);
});

test('an expected error is one message with status 1; --debug adds where it happened', async () => {
  const argv = ['params', '--cfg', 'no-such-model.yaml'];
  const plain = await run(...argv);
  expect([plain.status, plain.stdout]).toEqual([1, '']);
  expect(plain.stderr).toMatch(/^error: no-such-model\.yaml: .*\n$/);
  expect((await run(...argv, '--debug')).stderr).toMatch(/^ +at /m);
});

test('params of an official architecture', async () => {
  const { status, stdout } = await run('params', '--cfg', 'yolov5n', '--freeze', '10', '--img_size', '320');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^model\.0\.conv\.weight +16x3x6x6 +1728 +frozen$/m);
  expect(stdout).toMatch(/^model\.10\.conv\.weight +\S+ +\d+$/m);
  expect(stdout).toContain('GFLOPs at 320');
  expect(stdout).toContain('freezing model.9');
});

test('params as JSON', async () => {
  const { stdout } = await run('params', '--cfg', 'yolov5n', '--freeze', 'backbone', '--json');
  const { parameters, frozenLayers } = JSON.parse(stdout);
  expect(frozenLayers).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(parameters[0]).toEqual({ name: 'model.0.conv.weight', shape: [16, 3, 6, 6], frozen: true });
});

test('params of gradual unfreezing: which parameters are freed when', async () => {
  const { stdout } = await run('params', '--cfg', 'yolov5n', '--freeze', '10', '--unfreeze', '5:20');
  expect(stdout).toMatch(/^model\.0\.conv\.weight .* frozen$/m);
  expect(stdout).toMatch(/^model\.9\.cv1\.conv\.weight .* frozen until epoch 20$/m);
});

test('a missing file is named in words, never as the system writes it', async () => {
  for (const argv of [
    ['params', '--weights', 'none.safetensors'],
    ['val', '--data', 'none.yaml', '--weights', 'none.safetensors'],
    ['train', '--resume', 'nowhere'],
    ['plan', '--cfg', 'none.yaml', '--nc', '1'],
  ]) {
    const { status, stderr } = await run(...argv);
    expect([status, stderr]).toEqual([1, expect.not.stringMatching(/ENOENT|defect/)]);
  }
});

describe('with a small detector', () => {
  const folder = mkdtempSync(join(tmpdir(), 'froyolo-cli-'));
  const weights = join(folder, 'shapes.safetensors');
  copyFileSync(new URL('../../shapes/embedded/shapes.safetensors', import.meta.url), weights);
  afterAll(() => rmSync(folder, { recursive: true }));

  test('a table of failures alone is an error', async () => {
    const where = ['--data', 'none.yaml', '--device', 'ort-cpu', '--project', join(folder, 'runs')];
    const { status, stdout, stderr } = await run('benchmarks', '--weights', weights, '--pt-only', ...where);
    expect([status, stdout]).toEqual([1, expect.stringContaining('failed: none.yaml')]);
    expect(stderr).toContain("no format could be measured; the first: none.yaml: can't be read");
  }, 60_000);

  test('an image size that the network does not take is rounded up, as in YOLOv5', async () => {
    const { status, stderr } = await run(
      'export',
      '--weights',
      weights,
      '--imgsz',
      '40',
      '--include',
      'onnx',
    );
    expect([status, stderr]).toEqual([
      0,
      expect.stringContaining('imgsz 40 is not a multiple of 32; it is rounded up to 64'),
    ]);
    expect(existsSync(join(folder, 'shapes.onnx'))).toBe(true);
  }, 60_000);
});

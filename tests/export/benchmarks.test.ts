/** Every format of a small detector on the CPU, through the function that `froyolo benchmarks` calls. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { architectureYaml } from '@froyolo/model-yaml';
import { DEMO_CLASSES } from '@froyolo/shapes';
import { generateShapes } from '@froyolo/shapes/node';
import { fakeH100, fakeNvidiaSmi } from '@froyolo/testing';
import { writeCheckpoint } from '@froyolo/weights';
import { checkpointOf, createDetector } from '@froyolo/yolo';
import { type BenchmarkRow, benchmark } from 'froyolo';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'froyolo-benchmarks-'));
const at = (name: string) => join(folder, name);
const weights = at('tiny.safetensors');
const options = { weights, imgsz: 64, device: 'ort-cpu', project: at('runs') };
let data = '';

beforeAll(async () => {
  const yaml = architectureYaml('yolov5n').replace('width_multiple: 0.25', 'width_multiple: 0.02');
  const detector = createDetector(yaml, { names: DEMO_CLASSES, seed: 1 });
  writeFileSync(weights, writeCheckpoint(checkpointOf(detector)));
  data = await generateShapes({ out: at('data'), classes: DEMO_CLASSES, train: 2, val: 2, imgsz: 64 });
});

afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const shown = ({ format, device, failure }: BenchmarkRow) => [format, device, failure];

test('formats that run on the device are measured, the others say why they are not', async () => {
  const { rows, folder: run } = await benchmark({ ...options, data });
  expect(rows.map(shown)).toEqual([
    ['PyTorch', 'ort-cpu', undefined],
    ['ONNX', 'ort-cpu', undefined],
    ['ONNX int8', 'ort-cpu', undefined],
    ['TensorFlow SavedModel', undefined, undefined],
    ['TensorFlow GraphDef', undefined, undefined],
    ['safetensors', undefined, undefined],
    ['state dict', undefined, undefined],
  ]);
  const [pt, onnx] = rows;
  expect(pt?.bytes).toBeGreaterThan(10_000);
  expect(pt?.inference).toBeGreaterThan(0);
  expect(onnx?.mAP50_95).toBeCloseTo(pt?.mAP50_95 ?? Number.NaN, 5);
  for (const { reason } of rows.slice(3)) expect(reason).toMatch(/runtime|architecture/);
  expect(JSON.parse(readFileSync(join(run, 'benchmarks.json'), 'utf8')).rows).toEqual(rows);
  expect(readFileSync(join(run, 'benchmarks.md'), 'utf8')).toContain('| ONNX int8 | ort-cpu |');
  for (const name of ['benchmarks.svg', 'benchmarks.png']) expect(existsSync(join(run, name))).toBe(true);
}, 120_000);

test('test only writes the formats', async () => {
  const { rows } = await benchmark({ ...options, data, test: true });
  expect(rows.map(({ format }) => format)).toContain('TensorFlow.js int8');
  for (const { bytes, device, mAP50_95 } of rows) {
    expect(bytes).toBeGreaterThan(1000);
    expect([device, mAP50_95]).toEqual([undefined, undefined]);
  }
}, 120_000);

test('hardFail is the floor of mAP50-95, and makes failures errors', async () => {
  const floor = benchmark({ ...options, data, ptOnly: true, hardFail: '0.9' });
  await expect(floor).rejects.toThrow('mAP50-95 is not above 0.9: PyTorch on ort-cpu');
  const broken = benchmark({ ...options, data: at('none.yaml'), ptOnly: true, hardFail: true });
  await expect(broken).rejects.toThrow('none.yaml');
}, 120_000);

test('without hardFail a failure is a row', async () => {
  const { rows } = await benchmark({ ...options, data: at('none.yaml'), ptOnly: true });
  expect(rows).toHaveLength(1);
  expect(rows[0]?.failure).toMatch(/none\.yaml/);
}, 120_000);

type Measure = NonNullable<NonNullable<Parameters<typeof benchmark>[2]>['measure']>;
const FIGURES = { mAP50: 0.5, mAP50_95: 0.25, inference: 0.125 };
const noScripts = process.platform === 'win32' ? ' (skipped: not for Windows)' : '';
test.skipIf(process.platform === 'win32')(
  `several GPUs measure a format at the same time, each in its own row; one may fail${noScripts}`,
  async () => {
    vi.stubEnv('PATH', fakeNvidiaSmi([fakeH100(0), fakeH100(1), fakeH100(2)]));
    const under: string[] = [];
    const measure: Measure = async ({ device }) => {
      under.push(device);
      // Until both are under way: the first ends last.
      while (under.length < 2) await new Promise((resolve) => setImmediate(resolve));
      if (device === 'cuda:2') throw new Error('out of memory\nand more');
      await new Promise((resolve) => setImmediate(resolve));
      return FIGURES;
    };
    const places = { measure, atOnce: Number.POSITIVE_INFINITY };
    const gpus = { ...options, data, device: '0,2', ptOnly: true };
    const { rows, folder: run } = await benchmark(gpus, {}, places);
    expect(rows.map(shown)).toEqual([
      ['PyTorch', 'cuda:0', undefined],
      ['PyTorch', 'cuda:2', 'out of memory'],
    ]);
    expect(rows[0]).toMatchObject(FIGURES);
    expect(readFileSync(join(run, 'benchmarks.md'), 'utf8')).toContain('| PyTorch | cuda:0 |');
    vi.stubEnv('PATH', fakeNvidiaSmi([fakeH100(0)]));
    await expect(benchmark(gpus, {}, places)).rejects.toThrow('there is no GPU 2');
  },
);

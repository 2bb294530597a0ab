import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDevice } from '@froyolo/core/devices';
import { fakeH100, fakeNvidiaSmi } from '@froyolo/testing';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { type CpuMachine, cpuOrder } from './cpu-order.js';
import { cudaOrder } from './cuda-order.js';
import { type Contest, fastestFirst, inOrder } from './fastest.js';
import { readMeasured, writeMeasured } from './measured.js';
import { autoOrder } from './order.js';

const folder = mkdtempSync(join(tmpdir(), 'froyolo-fastest-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());

/** Devices of the CPU in the place of GPUs: what is measured is not the point. */
function contest(file: string, speeds: Readonly<Record<string, number>>, key = 'one machine') {
  const measured: string[] = [];
  const told: string[][] = [];
  const order: Contest = {
    devices: Object.keys(speeds),
    key,
    file: join(folder, file),
    measure: async (device) => {
      measured.push(device);
      return speeds[device];
    },
    onMeasure: (devices) => told.push([...devices]),
  };
  return { order, measured, told };
}

test('devices are measured once, told before, and remembered', async () => {
  const first = contest('once.json', { 'tfjs-node': 3, 'ort-cpu': 9, 'tf-cpu': 5 });
  expect(await fastestFirst(first.order)).toEqual(['ort-cpu', 'tf-cpu', 'tfjs-node']);
  expect(first.measured).toEqual(['tfjs-node', 'ort-cpu', 'tf-cpu']);
  expect(first.told).toEqual([['tfjs-node', 'ort-cpu', 'tf-cpu']]);
  // Other speeds would give another order.
  const second = contest('once.json', { 'tfjs-node': 9, 'ort-cpu': 3 });
  expect(await fastestFirst(second.order)).toEqual(['ort-cpu', 'tfjs-node']);
  expect([second.measured, second.told]).toEqual([[], []]);
});

test('another driver, card or version, or one more device: measured again', async () => {
  await fastestFirst(contest('again.json', { a: 1, b: 2 }).order);
  const other = contest('again.json', { a: 2, b: 1 }, 'another machine');
  expect(await fastestFirst(other.order)).toEqual(['a', 'b']);
  const more = contest('again.json', { a: 2, b: 1, c: 3 }, 'another machine');
  expect(await fastestFirst(more.order)).toEqual(['c', 'a', 'b']);
  expect(more.measured).toEqual(['a', 'b', 'c']);
});

test('one that does not work comes last; a single one is not measured', async () => {
  expect(await fastestFirst(contest('broken.json', { a: 0, b: 2 }).order)).toEqual(['b', 'a']);
  const alone = contest('alone.json', { a: 5 });
  expect(await fastestFirst(alone.order)).toEqual(['a']);
  expect(alone.measured).toEqual([]);
});

test('a little faster is not enough where a margin is asked for', () => {
  const figures = (b: number) => [
    { device: 'a', imagesPerSecond: 10 },
    { device: 'b', imagesPerSecond: b },
    { device: 'c', imagesPerSecond: 1 },
  ];
  expect(inOrder(['a', 'b', 'c'], figures(12), 1.25)).toEqual(['a', 'b', 'c']);
  expect(inOrder(['a', 'b', 'c'], figures(13), 1.25)).toEqual(['b', 'a', 'c']);
  expect(inOrder(['a', 'b', 'c'], [], 1.25)).toEqual(['a', 'b', 'c']);
  expect(inOrder([], figures(1))).toEqual([]);
});

describe('the devices of the CPU', () => {
  const machine = (speeds: Readonly<Record<string, number>>, changes: Partial<CpuMachine> = {}) => {
    const measured: string[] = [];
    const measure = async (device: string) => {
      measured.push(device);
      return speeds[device] ?? 0;
    };
    return { measured, machine: { tfjsNode: () => '4', canMeasure: async () => true, measure, ...changes } };
  };
  const may = { mayMeasure: true };

  test('are measured where both are installed, for a training, and remembered for whatever comes', async () => {
    vi.stubEnv('FROYOLO_CACHE', join(folder, 'cpu'));
    const fast = machine({ 'ort-cpu': 10, 'tf-cpu': 20 });
    expect(await cpuOrder('cpu', { mayMeasure: false }, fast.machine)).toBeUndefined();
    expect(fast.measured).toEqual([]);
    const notes: string[] = [];
    const order = await cpuOrder('auto', { ...may, onNote: (text) => notes.push(text) }, fast.machine);
    expect(fast.measured).toEqual(['ort-cpu', 'tf-cpu']);
    expect(notes).toEqual(['Measuring ort-cpu and tf-cpu once, to use the faster one from now on']);
    // CUDA stays before both.
    const places = ['ort-cuda', 'tf-cpu', 'ort-cpu', 'tfjs-node'].map((name) => order?.indexOf(name));
    expect(places).toEqual([...places].sort((a = 0, b = 0) => a - b));
    const later = machine({});
    expect((await cpuOrder('cpu', { mayMeasure: false }, later.machine))?.slice(0, 2)).toEqual([
      'tf-cpu',
      'ort-cpu',
    ]);
    expect(later.measured).toEqual([]);
  });

  test('are not measured without a choice, or where something better is there', async () => {
    vi.stubEnv('FROYOLO_CACHE', join(folder, 'none'));
    const alone = machine({}, { tfjsNode: () => undefined });
    expect(await cpuOrder('auto', may, alone.machine)).toBeUndefined();
    const gpu = machine({}, { canMeasure: async (isAuto) => !isAuto });
    expect(await cpuOrder('auto', may, gpu.machine)).toBeUndefined();
    expect(await cpuOrder('ort-cpu', may, gpu.machine)).toBeUndefined();
    expect(await cpuOrder('cuda', may, gpu.machine)).toBeUndefined();
    expect([alone.measured, gpu.measured]).toEqual([[], []]);
  });

  test('auto lists CUDA first, whatever is faster', () => {
    const figures = [
      { device: 'ort-cuda', imagesPerSecond: 5 },
      { device: 'tf-cuda', imagesPerSecond: 4 },
      { device: 'ort-cpu', imagesPerSecond: 10 },
      { device: 'tf-cpu', imagesPerSecond: 11 },
    ];
    const names = ['tf-cuda', 'ort-cuda', 'ort-cpu', 'tf-cpu', 'ort-wasm'];
    expect(autoOrder(names, figures)).toEqual(['ort-cuda', 'tf-cuda', 'ort-cpu', 'tf-cpu', 'ort-wasm']);
  });
});

test('a damaged file is not believed', async () => {
  const file = join(folder, 'damaged.json');
  const figures = [{ device: 'a', imagesPerSecond: 2.5 }];
  await writeMeasured(file, 'k', figures);
  expect(await readMeasured(file, 'k')).toEqual(figures);
  expect(await readMeasured(file, 'other')).toBeUndefined();
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('2.5', '7.5'));
  expect(await readMeasured(file, 'k')).toBeUndefined();
  writeFileSync(file, text.slice(0, 40));
  expect(await readMeasured(file, 'k')).toBeUndefined();
  await writeMeasured(join(folder, 'no', 'such', 'folder', 'x.json'), 'k', figures);
});

test('the first of the order that works is opened', async () => {
  const { device, executor } = await openDevice('cpu', { platform: 'node', first: ['ort-wasm'] });
  await executor.dispose();
  expect(device.name).toBe('ort-wasm');
});

test.skipIf(process.platform === 'win32')(
  'without two CUDA packages nothing is asked or measured',
  async () => {
    vi.stubEnv('PATH', fakeNvidiaSmi([fakeH100()]));
    vi.stubEnv('FROYOLO_CACHE', join(folder, 'cache'));
    expect(await cudaOrder('auto')).toBeUndefined();
    expect(await cudaOrder('cpu')).toBeUndefined();
    expect(await cudaOrder('cuda:0')).toBeUndefined();
  },
);

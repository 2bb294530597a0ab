import { DEVICES } from '@froyolo/core/devices';
import { type CudaReport, type DeviceReport, type Figure, probeDevice } from '@froyolo/run/node';
import { expect, test } from 'vitest';
import { Terminal } from '../output/terminal.js';
import { type Probe, runDevices } from './devices.js';

const none: CudaReport = { gpus: [], backends: [] };

async function run(
  probe: Probe,
  given: { bench?: boolean; json?: boolean } = {},
  cuda: CudaReport = none,
  known: readonly Figure[] = [],
  remember: (figures: readonly Figure[]) => void = () => undefined,
): Promise<string> {
  let text = '';
  const stdout = { write: (part: string) => (text += part) };
  const terminal = new Terminal({ stdout, stderr: { write: () => true }, env: {} });
  const context = { terminal, signal: new AbortController().signal };
  await runDevices(context, given, [], {
    probe,
    cuda: async () => cuda,
    remembered: async () => known,
    remember: async (figures) => remember(figures),
  });
  return text;
}

const cpu: DeviceReport = {
  name: 'ort-cpu',
  available: true,
  version: '1.2.3',
  threads: 4,
  memory: { free: 6e9, total: 8e9 },
  imagesPerSecond: 12.34,
};
const fake: Probe = async (name) =>
  name === 'ort-cpu'
    ? cpu
    : {
        name,
        available: false,
        reason: 'not there',
        ...(name === 'ort-cuda' ? { install: 'npm install it' } : {}),
      };

test('every device: what it is, which one auto picks, and why the others are not there', async () => {
  const lines = (await run(fake)).split('\n');
  expect(lines.find((line) => line.startsWith('ort-cpu'))).toMatch(/cpu +yes +1\.2\.3 +4 +6 GB +8 GB +auto$/);
  for (const { name } of DEVICES) expect(lines.some((line) => line.startsWith(name))).toBe(true);
  const cuda = lines.indexOf('  ort-cuda: not there');
  expect(lines[cuda + 1]).toBe('    npm install it');
  expect(lines.join('\n')).not.toContain('images/s');
});

test('--bench adds the measured speed', async () => {
  expect(await run(fake, { bench: true })).toMatch(/images\/s\n(?:.*\n)*ort-cpu .* 12\.3 +auto\n/);
});

test('--json', async () => {
  const { auto, devices } = JSON.parse(await run(fake, { json: true }));
  expect(auto).toBe('ort-cpu');
  expect(devices.map(({ name }: DeviceReport) => name)).toEqual(DEVICES.map(({ name }) => name));
  expect(devices.find(({ name }: DeviceReport) => name === 'ort-cpu')).toEqual(cpu);
});

test('CUDA: cards, driver, what was found where, what is missing, what to do', async () => {
  const report: CudaReport = {
    gpus: [{ index: 0, name: 'NVIDIA H100', memory: { free: 80e9, total: 85e9 } }],
    visible: ['0'],
    driver: '580.159.03',
    driverCuda: '13.0',
    backends: [
      {
        name: 'onnxruntime',
        devices: ['ort-cuda'],
        cuda: 13,
        cudnn: 9,
        package: { name: 'onnxruntime-node', version: '1.30.0', path: '/p' },
        provider: { name: 'libprovider.so', path: '/p/libprovider.so' },
        libraries: [{ name: 'libcudart.so.13', path: '/l/libcudart.so.13' }, { name: 'libcudnn.so.9' }],
        advice: ['do this'],
      },
    ],
  };
  expect((await run(fake, {}, report)).split('\n').slice(-9, -1)).toEqual([
    'NVIDIA driver 580.159.03, for CUDA up to 13.0',
    '  0: NVIDIA H100, 85 GB, 80 GB free',
    '  CUDA_VISIBLE_DEVICES leaves: 0',
    'ort-cuda (CUDA 13, cuDNN 9): onnxruntime-node 1.30.0',
    '  found    libprovider.so: /p/libprovider.so',
    '  found    libcudart.so.13: /l/libcudart.so.13',
    '  missing  libcudnn.so.9',
    '  to do    do this',
  ]);
  expect(JSON.parse(await run(fake, { json: true }, report)).cuda).toEqual(report);
  expect(await run(fake)).toContain('NVIDIA GPUs: none, or no driver');
});

test('auto is the fastest CUDA device that was measured, now or before', async () => {
  const speeds: Readonly<Record<string, number>> = { 'ort-cuda': 90, 'tf-cuda': 60, 'ort-cpu': 100 };
  const probe: Probe = async (name, bench) => {
    const imagesPerSecond = speeds[name];
    if (imagesPerSecond === undefined) return { name, available: false, reason: 'not there' };
    return { name, available: true, ...(bench ? { imagesPerSecond } : {}) };
  };
  const auto = async (given: { bench?: boolean }, known: readonly Figure[] = []) =>
    JSON.parse(await run(probe, { ...given, json: true }, none, known)).auto;
  expect(await auto({})).toBe('tf-cuda');
  expect(await auto({}, [{ device: 'ort-cuda', imagesPerSecond: 1 }])).toBe('ort-cuda');
  expect(await auto({ bench: true })).toBe('ort-cuda');
  const kept: Figure[] = [];
  await run(probe, { bench: true }, none, [], (figures) => kept.push(...figures));
  expect(kept).toContainEqual({ device: 'tf-cuda', imagesPerSecond: 60 });
});

test('a device is probed for real', async () => {
  const report = await probeDevice('ort-cpu');
  expect(report).toMatchObject({ name: 'ort-cpu', available: true });
  expect(report.memory!.free).toBeGreaterThan(0);
  expect(report.memory!.free).toBeLessThanOrEqual(report.memory!.total);
  expect(await probeDevice('tfjs-webgpu')).toEqual({
    name: 'tfjs-webgpu',
    available: false,
    reason: 'only in a browser',
  });
  await expect(probeDevice('abacus')).rejects.toThrow('there is no device "abacus"');
});

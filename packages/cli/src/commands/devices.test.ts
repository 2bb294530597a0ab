import { DEVICES } from '@froyolo/core/devices';
import { type DeviceReport, probeDevice } from '@froyolo/run/node';
import { expect, test } from 'vitest';
import { Terminal } from '../output/terminal.js';
import { type Probe, runDevices } from './devices.js';

async function run(probe: Probe, given: { bench?: boolean; json?: boolean } = {}): Promise<string> {
  let text = '';
  const stdout = { write: (part: string) => (text += part) };
  const terminal = new Terminal({ stdout, stderr: { write: () => true }, env: {} });
  const context = { terminal, signal: new AbortController().signal };
  await runDevices(context, given, [], probe);
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

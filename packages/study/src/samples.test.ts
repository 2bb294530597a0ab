import { peakMemory } from '@froyolo/common/node';
import { expect, test } from 'vitest';
import { busiest } from './gpu.js';
import { startSampling } from './sampler.js';
import { parseSamples, SAMPLES_HEADER, type Sample, sampleRow } from './samples.js';

const samples: Sample[] = [
  { time: 1, memory: 1e9, cpu: 0.5 },
  { time: 2.1, memory: 2e9, cpu: 0.75, gpu: 0.25, gpuMemory: 3e9 },
];

test('samples are read as they were written', () => {
  expect(parseSamples(SAMPLES_HEADER + samples.map(sampleRow).join(''))).toEqual(samples);
  expect(parseSamples(SAMPLES_HEADER)).toEqual([]);
});

test.each(['3.0', '3.0,10', '3.0,1000,0.5,,'])('a row that was cut off (%s) does not count', (row) => {
  expect(parseSamples(SAMPLES_HEADER + samples.map(sampleRow).join('') + row)).toEqual(samples);
});

test.each(['x', '-1', '9'.repeat(400)])('a row that holds %s for a number does not count', (time) => {
  const damaged = `${time},1000,0.5,,\n`;
  expect(parseSamples(SAMPLES_HEADER + damaged + samples.map(sampleRow).join(''))).toEqual(samples);
});

test('the busiest GPU', () => {
  const gpus = [
    { 'utilization.gpu': 3, 'memory.used': 100 },
    { 'utilization.gpu': 37, 'memory.used': 1024 },
  ];
  expect(busiest(gpus)).toEqual({ utilization: 0.37, memory: 2 ** 30 });
  expect(busiest([])).toBeUndefined();
});

test('sampling sees the work of this process', async () => {
  const taken: Sample[] = [];
  const sampling = await startSampling((sample) => taken.push(sample));
  const end = performance.now() + 1500;
  while (performance.now() < end) await new Promise((resolve) => setImmediate(resolve));
  await sampling.stop();
  expect(taken.length).toBeGreaterThan(0);
  for (const { time, memory, cpu } of taken) {
    expect(time).toBeGreaterThan(0);
    expect(memory).toBeGreaterThan(10e6);
    expect(memory).toBeLessThanOrEqual(peakMemory());
    expect(cpu).toBeGreaterThan(0);
    expect(cpu).toBeLessThanOrEqual(1);
  }
});

import { expect, test } from 'vitest';
import { parseGpus } from './nvidia-smi.js';

const FIELDS = ['utilization.gpu', 'memory.used'] as const;

test('a GPU per line, by the names of the fields; what a driver does not tell is left out', () => {
  expect(parseGpus(FIELDS, '3, 100\n37, 1024\n')).toEqual([
    { 'utilization.gpu': 3, 'memory.used': 100 },
    { 'utilization.gpu': 37, 'memory.used': 1024 },
  ]);
  expect(parseGpus(FIELDS, '[N/A], 100\n5, 7\n')).toEqual([{ 'utilization.gpu': 5, 'memory.used': 7 }]);
  expect(parseGpus(FIELDS, '')).toEqual([]);
  expect(parseGpus(FIELDS, 'No devices were found\n')).toEqual([]);
});

import { expect, test } from 'vitest';
import { driverGpu, visibleGpus } from './visible-gpus.js';

test('the GPUs that a process sees, as CUDA reads them', () => {
  const seen = (list: string) => visibleGpus({ CUDA_VISIBLE_DEVICES: list });
  expect(visibleGpus({})).toBeUndefined();
  expect(seen('')).toEqual([]);
  expect(seen('-1')).toEqual([]);
  expect(seen('2, 0')).toEqual(['2', '0']);
  expect(seen('1,-1,0')).toEqual(['1']);
  expect(seen('GPU-8f3a-11')).toEqual(['GPU-8f3a-11']);
});

test('a number of ours is another one of the driver where some are hidden', () => {
  expect(driverGpu(3, {})).toBe('3');
  expect(driverGpu(0, { CUDA_VISIBLE_DEVICES: '2,5' })).toBe('2');
  expect(driverGpu(2, { CUDA_VISIBLE_DEVICES: '2,5' })).toBeUndefined();
});

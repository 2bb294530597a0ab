import { expect, test } from 'vitest';
import { checkPlace } from './api/queue.js';
import { checkDevice, checkDevices } from './device.js';
import { UsageError } from './errors.js';

test('several devices where one computes: the message is about that command', () => {
  const refused = () => checkDevice('0,1', 'validation');
  expect(refused).toThrow(UsageError);
  expect(refused).toThrow(
    '--device 0,1: validation runs on one device; name one, such as 0. compare, train --evolve and benchmarks use several',
  );
  expect(() => checkDevice('gpu')).toThrow('--device: there is no device "gpu"');
  expect(() => checkDevice('cuda:1', 'validation')).not.toThrow();
});

test('several devices where runs are spread over them', () => {
  expect(() => checkDevices('0,1')).not.toThrow();
  expect(() => checkDevices('0,0')).toThrow('--device: device "0,0": it names GPU 0 twice');
  expect(() => checkDevices('cpu,wasm')).toThrow('only GPUs are used several at a time');
});

test('with a queue the workers have the GPUs', () => {
  expect(() => checkPlace({ queue: true }, '0,1')).toThrow(
    'with a queue the workers say which GPUs they use',
  );
  expect(() => checkPlace({}, '0,1')).not.toThrow();
  expect(() => checkPlace({ queue: 'redis://h' }, 'cuda:1')).not.toThrow();
});

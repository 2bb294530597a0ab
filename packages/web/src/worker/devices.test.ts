import { createInterpreter } from '@froyolo/core';
import { DEVICES, type OpenedDevice } from '@froyolo/core/devices';
import { expect, test } from 'vitest';
import { Devices } from './devices.js';

/** Opens the interpreter under the name of a device, which the test can lose. */
function fakeDevices() {
  const requests: string[] = [];
  let lose = () => {};
  const devices = new Devices(async (name) => {
    requests.push(name);
    if (name === 'broken') throw new Error('no such GPU');
    const lost = new Promise<void>((resolve) => {
      lose = resolve;
    });
    const [device] = DEVICES;
    const opened: OpenedDevice = {
      executor: createInterpreter(),
      version: '',
      device: device!,
      index: 0,
      passed: [],
      lost,
    };
    const facts = { software: false, halfPrecision: false, isolated: true, passed: [] };
    return { name, version: '', ...facts, opened };
  });
  return { devices, requests, lose: () => lose() };
}

test('a device that is open serves all requests of its name; one that is lost is opened again', async () => {
  const { devices, requests, lose } = fakeDevices();
  const first = await devices.get('wgsl');
  expect(await devices.get('wgsl')).toBe(first);
  lose();
  await Promise.resolve();
  expect(await devices.get('wgsl')).not.toBe(first);
  expect(requests).toEqual(['wgsl', 'wgsl']);
});

test('a device that failed to open is tried again', async () => {
  const { devices, requests } = fakeDevices();
  await expect(devices.get('broken')).rejects.toThrow('no such GPU');
  await expect(devices.get('broken')).rejects.toThrow('no such GPU');
  expect(requests).toEqual(['broken', 'broken']);
});

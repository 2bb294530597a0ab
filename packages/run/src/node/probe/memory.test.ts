import { DEVICES, openDevice } from '@froyolo/core/devices';
import { hypPresets } from '@froyolo/data';
import { must } from '@froyolo/errors';
import { fakeH100, fakeNvidiaSmi } from '@froyolo/testing';
import { createDetector, freezeFor } from '@froyolo/yolo';
import { TOY_ARCHITECTURE, TOY_IMGSZ, TOY_NAMES } from '@froyolo/yolo/testing';
import { afterEach, expect, test, vi } from 'vitest';
import { withBatchPicked } from '../../auto-batch.js';
import { resolveSettings, SETTINGS } from '../../settings/index.js';
import { nodeHost } from '../host.js';
import { deviceMemory } from './memory.js';

afterEach(() => vi.unstubAllEnvs());

const cuda = must(
  DEVICES.find(({ name }) => name === 'ort-cuda'),
  'the device',
);
const isWindows = process.platform === 'win32';

test.skipIf(isWindows)(
  `free memory is that of the GPU that the process sees${isWindows ? ' (skipped: not for Windows)' : ''}`,
  async () => {
    vi.stubEnv('PATH', fakeNvidiaSmi([fakeH100(0, 100), fakeH100(1, 200), fakeH100(2, 300)]));
    const freeMiB = async (index: number) => {
      const memory = await deviceMemory({ device: cuda, index });
      return memory && memory.free / 2 ** 20;
    };
    expect(await freeMiB(1)).toBe(200);
    vi.stubEnv('CUDA_VISIBLE_DEVICES', '2,GPU-0');
    expect(await Promise.all([0, 1, 2].map(freeMiB))).toEqual([300, 100, undefined]);
  },
);

test.skipIf(isWindows)(
  `a batch size that is left to the memory follows what the driver says is free${isWindows ? ' (skipped: not for Windows)' : ''}`,
  async () => {
    const detector = createDetector(TOY_ARCHITECTURE, { names: TOY_NAMES, seed: 1 });
    // The toy's step runs on the CPU; whose memory counts is a matter of the row.
    const { executor, ...opened } = await openDevice('ort-cpu', { platform: 'node', threads: 1 });
    const device = { ...opened, executor, device: cuda, index: 1 };
    const settings = resolveSettings(SETTINGS, 'train', { data: 'd', batchSize: -1, imgsz: TOY_IMGSZ });
    const picked = async (freeMiB: number) => {
      vi.stubEnv('PATH', fakeNvidiaSmi([fakeH100(0, 1), fakeH100(1, freeMiB)]));
      const { batchReason = [], settings: found } = await withBatchPicked(nodeHost, settings, {
        detector,
        freeze: freezeFor(detector, 0),
        hyp: hypPresets['scratch-low'],
        device,
        images: 1000,
      });
      return { batchSize: found.batchSize, reason: batchReason.join(' ') };
    };
    const { batchSize, reason } = await picked(20);
    // Less than all images, as more than that is not free.
    expect(batchSize).toBeGreaterThan(0);
    expect(batchSize).toBeLessThan(1000);
    expect(reason).toContain('0.8 of 0.021 GB that are free');
    await expect(picked(0)).rejects.toThrow('no batch size fits');
    await executor.dispose();
  },
);

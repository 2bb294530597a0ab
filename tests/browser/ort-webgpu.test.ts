import { afterAll } from 'vitest';
import { tryChromiumDevice } from './chromium-device.js';
import { describeOps } from './device-tests.js';

// No whole step: with a thousand ops queued, the imitated GPU is lost.
const device = await tryChromiumDevice('ort-webgpu');
describeOps(device);
afterAll(() => device.executor?.dispose());

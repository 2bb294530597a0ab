import { tryChromiumDevice } from './chromium-device.js';
import { describeOps, describeTinyStep } from './device-tests.js';

const device = await tryChromiumDevice('tfjs-wasm');
describeOps(device);
describeTinyStep(device, [[10, 'eval', 'SGD']]);

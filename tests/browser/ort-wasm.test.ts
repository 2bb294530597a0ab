import { describeTrainingStep } from '../parity/training-step.js';
import { tryChromiumDevice } from './chromium-device.js';
import { describeOps, describeTinyStep } from './device-tests.js';

const device = await tryChromiumDevice('ort-wasm');
describeTrainingStep(device.title, () => device.executor!, device);
describeOps(device);
describeTinyStep(device);

import { describeTrainingStep } from '../parity/training-step.js';
import { tryChromiumDevice } from './chromium-device.js';
import { describeOps, describeTinyStep } from './device-tests.js';

const device = await tryChromiumDevice('tfjs-webgpu');
// On an imitated GPU the other freezes take minutes.
describeTrainingStep(device.title, () => device.executor!, {
  ...device,
  gradients: ['f24_bneval'],
  optimizers: [],
});
describeOps(device);
describeTinyStep(device);

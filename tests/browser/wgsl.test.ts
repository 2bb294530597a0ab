import { describeTrainingStep } from '../parity/training-step.js';
import { tryChromiumDevice } from './chromium-device.js';
import { describeHalves, describeOps, describeTinyStep, USING_FEATURES } from './device-tests.js';

const device = await tryChromiumDevice('wgsl');
const { title, executor } = device;

// On an imitated GPU the other freezes take minutes: FROYOLO_LONG=1 runs them, too.
describeTrainingStep(title, () => executor!, {
  ...device,
  ...(process.env.FROYOLO_LONG ? {} : { gradients: ['f24_bneval'] }),
  optimizers: [],
});
describeOps(device);

// In images of an even number of pixels two halves share a word.
describeHalves(device, [
  [8, 8],
  [7, 5],
]);
describeTinyStep(device, [[10, 'eval', 'AdamW']]);

const plain = await tryChromiumDevice('wgsl', { withoutFeatures: true });
describeHalves(plain, [[8, 8]]);
describeOps(plain, USING_FEATURES);

import { tryChromiumDevice } from './chromium-device.js';
import { describeOps, describeTinyStep } from './device-tests.js';

const device = await tryChromiumDevice('wgsl');
describeOps(device);
// On an imitated GPU the programs of the other freezes take a minute to compile.
describeTinyStep(device, [[10, 'eval', 'AdamW']]);

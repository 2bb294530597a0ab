import { describeDevice } from './device-parity.js';

await describeDevice('ort-wasm', { gradients: ['f10_bneval'], optimizers: ['SGD'] });

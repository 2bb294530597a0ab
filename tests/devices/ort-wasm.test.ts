import { describeDevice } from './device-parity.js';

await describeDevice('ort-wasm', { few: true });

import { describeDevice } from './device-parity.js';

await describeDevice('ort-webgpu');

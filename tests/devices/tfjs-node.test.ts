import { describeDevice } from './device-parity.js';

await describeDevice('tfjs-node');

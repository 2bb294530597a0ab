import { describeDevice } from './device-parity.js';

await describeDevice('tf-cpu');

export { DeviceError, DeviceFailedError } from './errors.js';
export { guardExecutor } from './guard.js';
export {
  currentPlatform,
  devicesOf,
  type OpenDeviceOptions,
  type OpenedDevice,
  openDevice,
  tryDevice,
  type Unavailable,
} from './open.js';
export type { Opened, OpenOptions } from './open-ort.js';
export { type DeviceRequest, parseDevice } from './request.js';
export { DEVICES, type Device, type DeviceKind, type Platform } from './table.js';

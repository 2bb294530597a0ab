export type { Device, DeviceKind, Opened, OpenOptions, Platform, Supplies } from './device.js';
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
export { type DeviceRequest, parseDevice, parseDevices } from './request.js';
export { DEVICES } from './table.js';
export { webgpuAdapter } from './webgpu.js';

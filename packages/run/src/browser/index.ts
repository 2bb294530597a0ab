export { openBrowserDevice } from './fastest-device.js';
export { createPageHost, type PageHostOptions } from './host.js';

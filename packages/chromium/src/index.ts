export { type ChromiumDevice, openChromiumDevice, reasonOf } from './executor.js';
export { findChromium, NO_CHROMIUM } from './find.js';
export {
  type BuiltPage,
  buildPage,
  launchChromium,
  openBuiltWorker,
  openPageWorker,
  type PageWorker,
} from './open-page.js';
export { type Served, serveFolder } from './serve.js';

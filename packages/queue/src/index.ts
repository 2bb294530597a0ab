export { parseQueueAddress, type QueueAddress } from './address.js';
export { QueueError, StoreError } from './errors.js';
export {
  type LauncherOptions,
  openLauncher,
  QueueLauncher,
  type QueuePlaces,
} from './submit/queue-launcher.js';
export { type Board, serveBoard } from './watch/board.js';
export { type QueueStatus, queueStatus, type RunStatus } from './watch/status.js';
export type { WorkerInfo } from './worker/registry.js';
export { runWorker, type WorkerEvents, type WorkerOptions } from './worker/worker.js';

import { start } from './start.js';

start(() => import('../worker/loader-worker.js'));

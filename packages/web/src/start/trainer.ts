import { start } from './start.js';

start(() => import('../worker/main.js'));

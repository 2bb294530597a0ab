import { start } from './start.js';

start(() => import('../importing/main.js'));

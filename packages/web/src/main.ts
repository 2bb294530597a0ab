import { proxy, wrap } from 'comlink';
import type { Worker as Api } from './worker/api.js';

const worker = wrap<Api>(new Worker(new URL('./worker/main.ts', import.meta.url), { type: 'module' }));
Object.assign(window, { froyolo: { worker, proxy } });

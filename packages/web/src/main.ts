import { wrap } from 'comlink';
import { App } from './app.js';
import { showError } from './ui/messages.js';
import type { Worker as Api } from './worker/api.js';

const worker = new Worker(new URL('./worker/main.ts', import.meta.url), { type: 'module' });
worker.addEventListener('error', ({ message }) =>
  showError(`the worker that trains stopped (${message || 'no reason given'}); reload the page`),
);
new App(wrap<Api>(worker));

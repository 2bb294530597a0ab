/** The page's two workers: each is started when it is first asked. */

import { type Remote, wrap } from 'comlink';
import { PageError } from '../errors/page-error.js';
import type { Importer } from '../importing/api.js';
import type { Trainer } from '../worker/api.js';
import { showError } from './messages.js';

/** The project that is open. */
let meant: string | undefined;
let computing: Remote<Trainer> | undefined;
let reading: Remote<Importer> | undefined;

/** Computes: training, detecting, exporting. */
export function trainer(): Remote<Trainer> {
  if (computing) return computing;
  computing = wrap<Trainer>(
    watched(new Worker(new URL('../start/trainer.ts', import.meta.url), { type: 'module' })),
  );
  // Messages arrive in order: whatever is asked next is about this project.
  if (meant !== undefined) void computing.openProject(meant);
  return computing;
}

/** From now on the computing worker means that project, once it is started. */
export function meanProject(id: string): void {
  meant = id;
  void computing?.openProject(id);
}

/** Reads files into projects. */
export function importer(): Remote<Importer> {
  reading ??= wrap<Importer>(
    watched(new Worker(new URL('../start/importer.ts', import.meta.url), { type: 'module' })),
  );
  return reading;
}

function watched(worker: Worker): Worker {
  worker.addEventListener('error', ({ message }) => showError(new PageError('PAGE_WORKER_STOPPED', message)));
  return worker;
}

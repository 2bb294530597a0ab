/** Fetched CUDA back-ends as `openDevice` uses them. */
import type { Supplies } from '@froyolo/core/devices';
import { CUDA_BACKENDS } from './backends.js';
import { fetchedModule } from './folders.js';
import { findLibraries } from './libraries.js';
import { loadLibraries } from './load-libraries.js';

export const nodeSupplies: Supplies = {
  modulePath: (packageName) => fetchedModule(packageName),
  async loadCuda(packageName) {
    const backend = CUDA_BACKENDS.find(({ npm }) => npm.name === packageName);
    // Elsewhere packages bring their libraries, or there are none.
    if (!backend || process.platform !== 'linux') return;
    loadLibraries(await findLibraries(backend));
  },
};

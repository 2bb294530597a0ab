/** How the worker gets its batches. */
import type { Batch } from '@froyolo/data';

export const createLoaderWorker = () =>
  new Worker(new URL('../start/loader.ts', import.meta.url), { type: 'module' });

/** Lets messages in before each batch, so that a validation can be stopped. */
export async function* yielding(batches: AsyncIterable<Batch>): AsyncGenerator<Batch> {
  for await (const batch of batches) {
    await new Promise((resolve) => setTimeout(resolve));
    yield batch;
  }
}

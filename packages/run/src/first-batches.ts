import type { Batch } from '@froyolo/data';
import type { BatchSource } from '@froyolo/yolo';

/** Passes batches on unchanged; shows the first `count` of the first epoch. */
export function showingFirst(
  source: BatchSource,
  count: number,
  show: (batch: Batch, index: number) => void,
): BatchSource {
  return {
    length: source.length,
    async *epoch(n) {
      let index = 0;
      for await (const batch of source.epoch(n)) {
        if (n === 0 && index < count) show(batch, index++);
        yield batch;
      }
    },
  };
}

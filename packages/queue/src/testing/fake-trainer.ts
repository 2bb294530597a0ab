/** Instead of training: epochs that take a given time, and files such as a training leaves. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { writeAtomic } from '@froyolo/common/node';
import type { ArmLauncher } from '@froyolo/study';

export interface FakeTraining {
  /** Milliseconds. */
  readonly epoch: number;
  readonly batches: number;
  /** Bytes of a checkpoint. */
  readonly bytes?: number;
  /** Is told each epoch that was done. */
  onEpoch?(name: string, epoch: number): void;
  /** May throw, or wait. */
  onBatch?(name: string, epoch: number, batch: number): void | Promise<void>;
}

/** A trainer that goes on from what the folder holds, and replaces files as a whole, as a real one does. */
export function fakeTrainer({ epoch: ms, batches, bytes = 64, onEpoch, onBatch }: FakeTraining): ArmLauncher {
  return async ({ folder, name, settings }, signal, events) => {
    const own = join(folder, name);
    const last = join(own, 'weights', 'last.safetensors');
    await mkdir(join(own, 'weights'), { recursive: true });
    const epochs = settings.epochs ?? 3;
    const first = existsSync(last) ? Number((await readFile(last, 'utf8')).split('\n', 1)[0]) : 0;
    const start = { batch: 0, epochs, batches, trained: [], freeze: '0', lossTerms: ['box'] };
    events.onStart?.({ epoch: first, ...start });
    for (let epoch = first; epoch < epochs; epoch++) {
      for (let batch = 1; batch <= batches; batch++) {
        if (signal.aborted) return 'stopped';
        await onBatch?.(name, epoch, batch);
        await delay(ms / batches);
        events.onBatch?.({
          epoch,
          batch,
          batches,
          losses: { box: 1 },
          imagesPerSecond: 1000 / ms,
          targets: 1,
          lr: { weight: 0.01, bn: 0.01, bias: 0.01 },
          imgsz: [64, 64] as const,
          memory: 1,
        });
      }
      onEpoch?.(name, epoch);
      const done = epoch + 1;
      const rows = Array.from({ length: done }, (_, i) => `${i},${settings.seed ?? 0}\n`).join('');
      await writeAtomic(join(own, 'results.csv'), rows);
      await writeAtomic(
        join(own, 'arm.json'),
        JSON.stringify({ status: done < epochs ? 'running' : 'finished' }),
      );
      const seconds = { training: ms / 1000, waiting: 0, validation: 0 };
      events.onEpoch?.({ epoch, epochs, losses: { box: 1 }, best: true, seconds });
      await writeAtomic(last, `${done}\n${noise(`${name} ${done}`, bytes)}`);
    }
    return 'finished';
  };
}

/** Text that follows from a key alone. */
function noise(key: string, bytes: number): string {
  const block = createHash('sha256').update(key).digest('hex');
  return block.repeat(Math.ceil(bytes / block.length)).slice(0, bytes);
}

/** The progress of a run in its checkpoint, checked like any untrusted file. */
import { IN_WORDS } from '@froyolo/errors';
import { TrainingError, type TrainingProgress } from '@froyolo/yolo';
import { z } from 'zod';

const count = z.int().nonnegative();
const schema = z.object({
  epoch: count,
  batch: count,
  lastUpdate: z.int(),
  updates: count,
  bestFitness: z.number(),
  bestEpoch: z.int(),
  stageUpdates: z.array(count).readonly().exactOptional(),
  classMaps: z.array(z.number()).readonly().exactOptional(),
  seconds: z.number().nonnegative().exactOptional(),
  losses: z.record(z.string(), z.number()),
});

/**
 * @param file the checkpoint, for the message
 * @throws TrainingError naming the part that can't be
 */
export function checkProgress(value: unknown, file: string): TrainingProgress {
  const result = schema.safeParse(value, IN_WORDS);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const part = ['progress', ...(issue?.path ?? [])].join('.');
  throw new TrainingError(
    `${file}: its training state is damaged (${part}: ${issue?.message}): resume from another checkpoint of the run, or start a new one from it with --weights`,
  );
}

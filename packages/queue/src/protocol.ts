/** Messages between studies and workers through Redis, checked by the reader. */
import { IN_WORDS } from '@froyolo/errors';
import { checkOptions, SETTINGS, type TrainOptions } from '@froyolo/run/settings';
import type { ArmEpoch, ArmSetup } from '@froyolo/study';
import type { BatchEvent, StartEvent } from '@froyolo/yolo';
import { z } from 'zod';
import { QueueError } from './errors.js';

/** Keys in Redis begin with `PREFIX:QUEUE:`. */
export const PREFIX = 'froyolo';
export const QUEUE = 'arms';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** A file in the store, named by its content. */
export const blobSchema = z.object({ sha256, bytes: z.int().nonnegative() });
export type Blob = Readonly<z.output<typeof blobSchema>>;

/** A file that keeps its name, since its ending says what it is. */
const namedBlobSchema = blobSchema.extend({ name: z.string().regex(/^[\w-][\w.-]{0,99}$/) });
export type NamedBlob = Readonly<z.output<typeof namedBlobSchema>>;

/** Settings whose files travel as they are. */
export const FILE_SETTINGS = ['weights', 'cfg', 'hyp'] as const;
export type FileSetting = (typeof FILE_SETTINGS)[number];

const jobSchema = z.object({
  version: z.string(),
  /** Random name of the study. */
  study: z.string().regex(/^[\w-]{1,64}$/),
  /** Name of the run. */
  name: z.string().min(1).max(300),
  settings: z.looseObject({ data: z.string() }),
  dataset: blobSchema,
  files: z.partialRecord(z.enum(FILE_SETTINGS), namedBlobSchema),
});

/** A run to do. Settings that name files are replaced on the worker by what it fetched. */
export interface ArmJob extends Readonly<Omit<z.output<typeof jobSchema>, 'settings'>> {
  readonly settings: TrainOptions;
}

/** @throws QueueError, SettingsError if a job isn't one */
export function parseJob(data: unknown): ArmJob {
  const { success, data: job, error } = jobSchema.safeParse(data, IN_WORDS);
  if (!success) throw new QueueError(`a job of the queue has another form: ${z.prettifyError(error)}`);
  const { data: dataset } = job.settings;
  return { ...job, settings: { ...checkOptions(SETTINGS, 'train', job.settings), data: dataset } };
}

/** What a worker tells of its run: the last is kept by Redis. */
export interface ArmProgress {
  readonly worker: string;
  readonly device: string;
  /** Epochs done, and all. */
  readonly epoch: number;
  readonly epochs: number;
  readonly imagesPerSecond: number;
  /** Seconds that an epoch takes; 0 before the first is done. */
  readonly epochSeconds: number;
  readonly event: ArmNews;
}

export type ArmNews =
  | { readonly kind: 'place' }
  | { readonly kind: 'setup'; readonly event: ArmSetup }
  | { readonly kind: 'start'; readonly event: StartEvent }
  | { readonly kind: 'stage'; readonly epoch: number; readonly text: string }
  | { readonly kind: 'batch'; readonly event: BatchEvent & { readonly memory: number } }
  | { readonly kind: 'epoch'; readonly event: ArmEpoch };

const progressSchema = z.looseObject({
  worker: z.string(),
  device: z.string(),
  epoch: z.number(),
  epochs: z.number(),
  imagesPerSecond: z.number(),
  epochSeconds: z.number(),
  event: z.looseObject({ kind: z.string() }),
});

/** Undefined if the message isn't progress of a run. */
export function parseProgress(data: unknown): ArmProgress | undefined {
  return isProgress(data) ? data : undefined;
}

const isProgress = (data: unknown): data is ArmProgress => progressSchema.safeParse(data).success;

/** What a job is called in Redis; a colon would mean something there. */
export function jobId(study: string, name: string): string {
  return `${study}.${name.replaceAll(':', '_')}`;
}

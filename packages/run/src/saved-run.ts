/** What a run was started with, kept in its last checkpoint: a file that goes on anywhere. */
import { ConfigError, type Hyperparameters, parseHyp } from '@froyolo/data';
import type { Checkpoint, JsonObject } from '@froyolo/weights';
import { type DataRecord, dataRecordSchema } from './data-record.js';
import { resolveSettings, SETTINGS, type TrainSettings } from './settings/index.js';

export interface RunRecord {
  readonly settings: TrainSettings;
  readonly hyp: Hyperparameters;
  /** The dataset as it was then; runs of earlier versions don't say. */
  readonly data?: DataRecord;
}

/** The same checkpoint, with the settings of its run. */
export function withRecord(checkpoint: Checkpoint, { settings, hyp, data }: RunRecord): Checkpoint {
  const run = asJson({ settings: { ...settings, hyp: '' }, hyp, data });
  return { ...checkpoint, meta: { ...checkpoint.meta, run } };
}

/**
 * What the run of a checkpoint was started with; undefined if it doesn't say.
 * @param file name of the checkpoint in messages
 * @throws SettingsError, ConfigError if its settings are invalid
 */
export function recordOf({ meta }: Checkpoint, file: string): RunRecord | undefined {
  const run = meta?.run;
  if (!isObject(run)) return undefined;
  const { settings, hyp } = run;
  const data = dataRecordSchema.safeParse(run.data).data;
  if (!isObject(settings) || !isObject(hyp))
    throw new ConfigError(file, undefined, 'its run has no settings or no hyperparameters');
  const values = parseHyp(JSON.stringify(hyp), file);
  return {
    ...(data ? { data } : {}),
    hyp: values,
    settings: resolveSettings(SETTINGS, 'train', { data: '', ...settings, hyp: values }, file),
  };
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value after JSON: undefined entries are gone. */
export function asJson(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value));
}

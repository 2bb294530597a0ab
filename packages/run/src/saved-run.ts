/** What a run was started with, kept in its last checkpoint: a file that goes on anywhere. */
import { ConfigError, type Hyperparameters, parseHyp } from '@froyolo/data';
import type { Checkpoint, JsonObject } from '@froyolo/weights';
import { resolveSettings, SETTINGS, type TrainSettings } from './settings/index.js';

export interface RunRecord {
  readonly settings: TrainSettings;
  readonly hyp: Hyperparameters;
}

/** The same checkpoint, which says what its run was started with. */
export function withRecord(checkpoint: Checkpoint, { settings, hyp }: RunRecord): Checkpoint {
  const run = asJson({ settings: { ...settings, hyp: '' }, hyp });
  return { ...checkpoint, meta: { ...checkpoint.meta, run } };
}

/**
 * What the run of a checkpoint was started with; undefined where it doesn't say.
 * @param file what the checkpoint is called in messages
 * @throws SettingsError, ConfigError where what it says has no meaning
 */
export function recordOf({ meta }: Checkpoint, file: string): RunRecord | undefined {
  const run = meta?.run;
  if (!isObject(run)) return undefined;
  const { settings, hyp } = run;
  if (!isObject(settings) || !isObject(hyp))
    throw new ConfigError(file, undefined, 'its run has no settings or no hyperparameters');
  const values = parseHyp(JSON.stringify(hyp), file);
  return {
    hyp: values,
    settings: resolveSettings(SETTINGS, 'train', { data: '', ...settings, hyp: values }, file),
  };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** As JSON holds it: what is undefined is absent. */
function asJson(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value));
}

/** Reads the settings of a YOLOv5 run from its checkpoint, and writes those of a run that YOLOv5 can continue. */

import { cosineFactor, linearFactor } from '@froyolo/core';
import { ConfigError, type Hyperparameters, parseHyp } from '@froyolo/data';
import { stageIndex } from '@froyolo/freeze';
import type { Checkpoint, JsonObject, JsonValue } from '@froyolo/weights';
import { type Detector, scaledWeightDecay, type TrainingState } from '@froyolo/yolo';
import { asJson, isObject, type RunRecord } from './saved-run.js';
import { resolveSettings, rowsIn, SETTINGS, type TrainSettings } from './settings/index.js';
import { stagesOf } from './stages.js';

/** Arguments of a run there that mean nothing to one that goes on here. */
const DROPPED: ReadonlySet<string> = new Set(['resume', 'weights', 'cfg', 'hyp', 'labelSmoothing']);

/**
 * What a run of YOLOv5 was started with; undefined if the checkpoint doesn't say.
 * @param file name of the checkpoint in messages
 * @throws SettingsError, ConfigError if its settings can't be used here
 */
export function referenceRecord({ args }: Checkpoint, file: string): RunRecord | undefined {
  if (!args || !isObject(args.hyp)) return undefined;
  const smoothing = args.label_smoothing;
  const hyp = parseHyp(
    JSON.stringify({
      ...args.hyp,
      ...(typeof smoothing === 'number' ? { label_smoothing: smoothing } : {}),
    }),
    file,
  );
  const rows = sharedRows().filter(({ name }) => !DROPPED.has(name));
  const given = rows.flatMap(({ name }) => {
    const value = settingOf(name, args[snake(name)]);
    return value === undefined ? [] : [[name, value] as const];
  });
  if (typeof args.data !== 'string')
    throw new ConfigError(file, undefined, 'its run names no dataset file: pass --data');
  // Statistics of frozen layers follow the batches there.
  const settings = { freezeBn: 'train' as const, ...Object.fromEntries(given), data: args.data, hyp };
  return { hyp, settings: resolveSettings(SETTINGS, 'train', settings, file) };
}

/** Settings that YOLOv5 has too. */
const sharedRows = () => rowsIn(SETTINGS, 'train').filter(({ yolov5 }) => yolov5 && yolov5.to !== 'ours');

function settingOf(name: string, value: JsonValue | undefined): JsonValue | undefined {
  if (value === null || value === undefined) return undefined;
  if (name === 'device') return value === '' ? undefined : value;
  // Layers that are frozen: `[0]` is none.
  if (name === 'freeze' && Array.isArray(value)) return value.map(String);
  return value;
}

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

export interface ReferenceRun {
  /** Folder of runs. */
  readonly project: string;
  /** Name of the run's folder in it. */
  readonly name: string;
  readonly detector: Pick<Detector, 'model'>;
}

/** The checkpoint of a run between two epochs with what YOLOv5's `train.py --resume` needs to go on. */
export function withReferenceState(
  checkpoint: Checkpoint,
  { progress }: TrainingState,
  { settings, hyp }: RunRecord,
  run: ReferenceRun,
): Checkpoint {
  const { optimizer: name, epochs, cosLr, batchSize } = settings;
  const factor = (cosLr ? cosineFactor : linearFactor)(Math.max(progress.epoch - 1, 0), epochs, hyp.lrf);
  const optimizer = {
    name,
    step: progress.updates,
    lr: hyp.lr0 * factor,
    initialLr: hyp.lr0,
    momentum: hyp.momentum,
    weightDecay: scaledWeightDecay(hyp.weight_decay, batchSize, hyp.nbs),
  };
  const freeze = referenceFreeze(run.detector, settings, hyp, progress.epoch);
  return { ...checkpoint, hyp: asJson(hyp), optimizer, args: referenceArgs(settings, hyp, freeze, run) };
}

/**
 * What is frozen in an epoch, as `train.py --freeze` takes it: the number of first layers, or a list of layers. A list of one
 * would be such a number, so that one is written twice. Layers of which only a part is frozen learn there.
 */
function referenceFreeze(
  detector: Pick<Detector, 'model'>,
  settings: TrainSettings,
  hyp: Hyperparameters,
  epoch: number,
): number[] {
  const { stages } = stagesOf(detector, settings, hyp);
  const { label, layers } = (stages[stageIndex(stages, epoch)] ?? stages[0]).policy;
  if (/^\d+$/.test(label)) return [Number(label)];
  const [only = 0, ...others] = layers;
  return others.length > 0 ? [...layers] : layers.length > 0 ? [only, only] : [0];
}

/** Arguments of YOLOv5's `train.py` that have no setting here, as it has them by default. */
const ELSEWHERE: JsonObject = {
  cfg: '',
  resume: false,
  evolve: null,
  bucket: '',
  image_weights: false,
  sync_bn: false,
  quad: false,
  local_rank: -1,
  entity: null,
  upload_dataset: false,
  bbox_interval: -1,
  artifact_alias: 'latest',
};

/** The arguments that `train.py --resume` continues with. */
function referenceArgs(
  settings: TrainSettings,
  hyp: Hyperparameters,
  freeze: readonly number[],
  { project, name }: ReferenceRun,
): JsonObject {
  const rows = sharedRows();
  const values: Readonly<Record<string, unknown>> = { ...settings };
  const own = rows.map(({ name: setting }) => [snake(setting), values[setting] ?? null]);
  const { cache, workers = 8, labelSmoothing = 0 } = settings;
  const all = {
    ...ELSEWHERE,
    ...Object.fromEntries(own),
    hyp,
    project,
    name,
    save_dir: `${project}/${name}`,
    exist_ok: true,
    device: '',
    weights: '',
    workers,
    label_smoothing: labelSmoothing,
    cache: cache === 'ram' || cache === 'disk' ? cache : null,
    freeze,
  };
  return asJson(all);
}

/** Trains from files into a run's folder, as `froyolo train` does. */
import { dirname, resolve } from 'node:path';
import { readCheckpointFile } from '@froyolo/weights/node';
import { recordData } from '../data-record.js';
import type { RunEvents, RunResult } from '../events.js';
import { type PreparedRun, prepareResume, prepareRun } from '../prepare.js';
import { referenceRecord } from '../reference-run.js';
import { type RunRecord, recordOf } from '../saved-run.js';
import { resumeSettings, SETTINGS, type TrainOptions } from '../settings/index.js';
import { trainRun } from '../train-run.js';
import { trainingStateOf } from '../training-state.js';
import { claimRunFolder, fillingFolder } from './claim-folder.js';
import { nodeHost, tellingHost } from './host.js';
import { RunFolder } from './run-folder.js';

export interface TrainFilesResult extends RunResult {
  readonly last: string;
  /** With `nosave` the same as `last`. */
  readonly best: string;
}

/**
 * Trains from files and writes a run's folder: `weights/last.safetensors` and `weights/best.safetensors` (each written
 * whole), `results.csv`, `args.yaml`, `hyp.yaml`.
 * @throws SettingsError for a setting that can't be, and whatever the data, the weights or the device are wrong with
 */
export async function trainOnFiles(options: TrainOptions, events: RunEvents = {}): Promise<TrainFilesResult> {
  const run = await prepareRun(tellingHost(events.onNote), options, {
    signal: events.signal,
    elapsed: events.elapsed ? () => events.elapsed?.() ?? 0 : undefined,
    onDownload: (done, total) => events.onDownload?.(done, total),
    onWarning: (text) => events.onWarning?.(text),
  });
  const { project, name, existOk } = run.settings;
  try {
    const folder = new RunFolder(claimRunFolder(project, name, existOk));
    return await fillingFolder(folder.folder, () =>
      folder.locked(async () => {
        await folder.start(run.settings, run.hyp, recordData(run.data));
        return train(run, folder, events);
      }),
    );
  } finally {
    await nodeHost.closeDevice(run.device);
  }
}

/**
 * Goes on with an interrupted run, with the settings in its folder.
 * @param checkpoint its `weights/last.safetensors`, or the run's folder; a `last.safetensors` that was moved, or that a page
 * saved, and a `last.pt` of YOLOv5 go on in a new folder, with `data` where the dataset is now
 * @param given settings that may change, such as the device or the place of the data; others must be those of the run
 * @throws SettingsError for a setting that can't change
 * @throws TrainingError when the run is finished, or its folder or checkpoint doesn't hold what is needed
 */
export async function resumeOnFiles(
  checkpoint: string,
  given: Partial<TrainOptions> = {},
  events: RunEvents = {},
): Promise<TrainFilesResult> {
  const isFile = /\.(safetensors|pt)$/.test(checkpoint);
  const own = new RunFolder(isFile ? dirname(dirname(resolve(checkpoint))) : resolve(checkpoint));
  const file = isFile ? checkpoint : own.last;
  const elsewhere = own.isStarted || !isFile ? undefined : await recordElsewhere(file, given);
  const folder = elsewhere ? new RunFolder(elsewhere.folder) : own;
  return folder.locked(async () => {
    const last = await readCheckpointFile(file);
    const training = trainingStateOf(last, file);
    const known = recordOf(last, file);
    const record = elsewhere ?? (await folder.readSettings(known));
    const { hyp } = record;
    const { settings, ignored } = resumeSettings(SETTINGS, 'train', record.settings, given);
    const { data } = known ?? {};
    const saved = { settings, hyp, ...training, ...(data ? { data } : {}) };
    const run = await prepareResume(tellingHost(events.onNote), saved);
    const now = recordData(run.data);
    try {
      if (elsewhere) await folder.start(settings, hyp, now);
      else folder.goOn(now);
      const restored = run.resume ? await folder.restore(run.detector, run.resume.progress) : [];
      const unused = ignored.map((name) => `${name} only matters when a run starts: it is ignored`);
      return await train(
        { ...run, warnings: [...(run.warnings ?? []), ...unused, ...record.restored, ...restored] },
        folder,
        events,
      );
    } finally {
      await nodeHost.closeDevice(run.device);
    }
  });
}

/** A checkpoint that was moved, or saved by a page or by YOLOv5, contains the settings of its run. */
async function recordElsewhere(
  file: string,
  { data, project, name, existOk }: Partial<TrainOptions>,
): Promise<(RunRecord & { readonly folder: string; readonly restored: readonly string[] }) | undefined> {
  const checkpoint = await readCheckpointFile(file);
  const record = recordOf(checkpoint, file) ?? referenceRecord(checkpoint, file);
  if (!record) return undefined;
  const settings = { ...record.settings, ...(data === undefined ? {} : { data }) };
  const { project: parent, name: own } = settings;
  return {
    ...record,
    settings,
    folder: claimRunFolder(project ?? parent, name ?? own, existOk),
    restored: [],
  };
}

async function train(run: PreparedRun, folder: RunFolder, events: RunEvents): Promise<TrainFilesResult> {
  const result = await trainRun(nodeHost, run, folder, events);
  const { last, best } = folder;
  return { ...result, last, best: run.settings.nosave ? last : best };
}

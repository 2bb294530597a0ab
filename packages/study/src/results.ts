/** Collects the results of a study's runs. */
import { existsSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { fitness } from '@froyolo/boxes';
import { keptResults, termsIn } from '@froyolo/run';
import type { Losses } from '@froyolo/yolo';
import { ArmFolder, type ArmState, type EpochTiming } from './arm-folder.js';
import { readText } from './own-files.js';
import { recommend } from './recommendation.js';
import type { ArmResult, EpochResult, Machine, StudyResults } from './result-types.js';
import type { Sample } from './samples.js';
import { type Arm, armsOf, type Study } from './study.js';
import { summarize } from './summary.js';

/** Reads all that the runs of a study have written so far. */
export async function readResults(folder: string, study: Study): Promise<StudyResults> {
  const arms = await Promise.all(armsOf(study).map((arm) => readArm(folder, arm)));
  const summary = summarize(arms);
  return {
    format: 'froyolo-study-results',
    version: 1,
    recipe: study.recipe,
    machine: thisMachine(),
    arms,
    summary,
    recommendation: recommend(summary, arms),
  };
}

function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memory: totalmem(),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
  };
}

async function readArm(studyFolder: string, arm: Arm): Promise<ArmResult> {
  const folder = new ArmFolder(join(studyFolder, arm.folder));
  const state = await folder.readState({ freeze: arm.freeze, seed: arm.seed });
  if (!state) return { ...arm, ...NOTHING };
  const csv = existsSync(folder.results) ? await readText(folder.results) : '';
  return { ...arm, ...armFigures(state, csv, await folder.readSamples()) };
}

const NOTHING = {
  status: 'missing',
  device: '',
  parameters: 0,
  trainableParameters: 0,
  epochs: [],
  seconds: 0,
  imagesPerSecond: 0,
  peakMemory: 0,
  cpu: 0,
  samples: [],
} as const;

/** The figures of a run, from its folder. */
export function armFigures(
  { status, device, parameters, trainableParameters, images, timing, ...state }: ArmState,
  csv: string,
  samples: readonly Sample[],
): Omit<ArmResult, keyof Arm> {
  const epochs = parseEpochs(csv, timing);
  const training = epochs.reduce((sum, epoch) => sum + epoch.training, 0);
  const best = bestOf(epochs);
  const gpu = samples.flatMap((sample) => (sample.gpu === undefined ? [] : [sample.gpu]));
  const gpuMemory = samples.flatMap((sample) => sample.gpuMemory ?? []);
  return {
    status,
    device,
    parameters,
    trainableParameters,
    epochs,
    samples,
    ...(best ? { best } : {}),
    seconds: epochs.at(-1)?.elapsed ?? 0,
    imagesPerSecond: training > 0 ? (images * epochs.length) / training : 0,
    peakMemory: samples.reduce((most, { memory }) => Math.max(most, memory), state.peakMemory),
    cpu: mean(samples.map(({ cpu }) => cpu)),
    ...(gpu.length > 0
      ? { gpu: mean(gpu), peakGpuMemory: gpuMemory.reduce((a, b) => Math.max(a, b), 0) }
      : {}),
  };
}

/** The best epoch as the trainer picks it: the last of equal ones. */
function bestOf(epochs: readonly EpochResult[]): EpochResult | undefined {
  return epochs.reduce<EpochResult | undefined>(
    (best, epoch) => (best && fitness(best) > fitness(epoch) ? best : epoch),
    undefined,
  );
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length;
}

/** Rows of `results.csv`, by the names of its columns, for the epochs whose time is known. */
function parseEpochs(csv: string, timing: readonly EpochTiming[]): EpochResult[] {
  const { columns: names, rows } = keptResults(csv);
  return rows.flatMap(({ row }) => {
    const cells = row.split(',').map(Number);
    const value = (name: string) => cells[names.indexOf(name)] ?? 0;
    const losses = (part: string): Losses =>
      Object.fromEntries(termsIn(names).map((term) => [term, value(`${part}/${term}_loss`)]));
    const timed = timing.find(({ epoch }) => epoch === value('epoch'));
    if (!timed) return [];
    return {
      ...timed,
      trainLosses: losses('train'),
      valLosses: losses('val'),
      mAP50: value('metrics/mAP_0.5'),
      mAP50_95: value('metrics/mAP_0.5:0.95'),
    };
  });
}

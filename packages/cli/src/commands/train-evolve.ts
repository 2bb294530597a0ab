/** `froyolo train --evolve`: looks for better hyperparameters. */
import { join } from 'node:path';
import type { TrainOptions } from '@froyolo/run/settings';
import {
  type Evolution,
  type EvolveEvents,
  evolve,
  type Generation,
  launchedGenerations,
} from '@froyolo/study';
import { fetchMissing } from '../api/dataset.js';
import { checkPlace, type QueueSettings, withLauncher } from '../api/queue.js';
import type { Given } from '../args/options.js';
import type { CommandContext } from '../context.js';
import { datasetEvents } from '../dataset-events.js';
import { checkDevices } from '../device.js';
import { InterruptedError, NO_DATA, UsageError } from '../errors.js';
import { DownloadLog } from '../output/download-log.js';
import { ProgressBar } from '../output/progress.js';
import { queueFlags } from '../output/queue-log.js';
import type { Terminal } from '../output/terminal.js';
import { printWarnings } from '../output/warnings.js';
import { quoted, shortPath } from '../paths.js';

export async function runEvolve(
  { terminal, signal }: CommandContext,
  { queue, store, ...given }: Given<'train'>,
): Promise<void> {
  checkDevices(given.device);
  if (given.folds !== undefined)
    throw new UsageError("--evolve and --folds can't be combined: give one of them");
  if (given.data === undefined && given.resume === undefined) throw new UsageError(NO_DATA);
  await fetchMissing(given.data, { signal, ...datasetEvents(terminal) });
  const bar = new ProgressBar(terminal);
  const download = new DownloadLog(terminal, given.weights ?? '');
  const events: EvolveEvents = {
    signal,
    onEvolution(where, done) {
      terminal.note(`Results go to ${shortPath(where)}`);
      if (done > 0) terminal.note(`${done} generations are done already`);
    },
    onGeneration: (generation, count) => ({
      onDownload: (done, total) => download.update(done, total),
      onWarning: (text) => terminal.warn(text),
      onSetup: ({ warnings }) => {
        if (generation === 0) printWarnings(terminal, warnings);
      },
      onBatch: ({ epoch, batch, batches }) =>
        bar.update(`Generation ${generation + 1} of ${count}, epoch ${epoch + 1}`, batch, batches),
    }),
    onResult: (generation, result, isBest) => printGeneration(terminal, generation, result, isBest),
  };
  const { status, folder, generations, best } = await evolveIn({ queue, store }, given, events).finally(() =>
    bar.clear(),
  );
  if (status === 'stopped')
    throw new InterruptedError(
      `Stopped after ${generations.length} generations. To continue:\n  ${goOn(folder, given, { queue, store })}`,
    );
  terminal.print(`\nBest: generation ${best + 1}, ${shortPath(join(folder, 'hyp_evolve.yaml'))}`);
  terminal.print(
    `To train with it: froyolo train --hyp ${quoted(shortPath(join(folder, 'hyp_evolve.yaml')))} …`,
  );
  terminal.print(`Results: ${shortPath(folder)}`);
}

function goOn(folder: string, { evolve: count }: Partial<TrainOptions>, places: QueueSettings): string {
  const resume = ['froyolo train --evolve', count, '--resume', quoted(shortPath(folder))];
  return [...resume, ...queueFlags(places)].join(' ');
}

/** Generations run here, or on the workers of a queue. */
function evolveIn(
  places: QueueSettings,
  given: Partial<TrainOptions>,
  events: EvolveEvents,
): Promise<Evolution> {
  checkPlace(places, given.device);
  if (places.queue === undefined) return evolve(given, events);
  return withLauncher(places, async (launcher) => {
    const evolution = await evolve(given, events, launchedGenerations(launcher.launch));
    if (evolution.status === 'finished') await launcher.finish(evolution.folder);
    return evolution;
  });
}

function printGeneration(
  terminal: Terminal,
  generation: number,
  { result, fitness }: Generation,
  isBest: boolean,
): void {
  const figures = [
    `P ${result.precision.toFixed(3)}`,
    `R ${result.recall.toFixed(3)}`,
    `mAP50 ${result.mAP50.toFixed(3)}`,
    `mAP50-95 ${result.mAP50_95.toFixed(3)}`,
    `fitness ${fitness.toFixed(4)}`,
  ];
  const mark = isBest ? `  ${terminal.colors.green('best')}` : '';
  terminal.print(`Generation ${generation + 1}: ${figures.join(', ')}${mark}`);
}

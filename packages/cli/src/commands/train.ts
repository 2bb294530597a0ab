/** `froyolo train`: fine-tunes a detector, or trains one from fresh values. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FroyoloError } from '@froyolo/errors';
import { describeFreeze, describeLrScales, describeStage, describeUnfreezing } from '@froyolo/freeze';
import { FEW_STEPS } from '@froyolo/run';
import type { SetupEvent } from '@froyolo/run/node';
import type { TrainOptions } from '@froyolo/run/settings';
import { crossValidate } from '@froyolo/study';
import { describeHeadRows, type ValidationResult } from '@froyolo/yolo';
import { type ResumeOptions, type TrainEvents, type TrainResult, train } from '../api/train.js';
import type { Given } from '../args/options.js';
import type { CommandContext } from '../context.js';
import { datasetEvents } from '../dataset-events.js';
import { checkDevice } from '../device.js';
import { CommandError, InterruptedError, messageOf, NO_DATA, UsageError } from '../errors.js';
import { DownloadLog } from '../output/download-log.js';
import { printFeatures } from '../output/features-log.js';
import { count, formatTable } from '../output/format.js';
import type { Terminal } from '../output/terminal.js';
import { TrainLog } from '../output/train-log.js';
import { printWarnings } from '../output/warnings.js';
import { quoted, shortPath } from '../paths.js';
import { runEvolve } from './train-evolve.js';

export async function runTrain({ terminal, signal }: CommandContext, given: Given<'train'>): Promise<void> {
  if (given.evolve !== undefined) return runEvolve({ terminal, signal }, given);
  checkDevice(given.device, 'a training');
  if (given.queue !== undefined || given.store !== undefined)
    throw new UsageError('--queue and --store need --evolve: a single training runs on this machine');
  if (given.folds !== undefined)
    return runFolds({ terminal, signal }, { ...withData(given), folds: given.folds });
  const options = withResume(given) ?? withData(given);
  const log = new TrainLog(terminal);
  const progress = new Progress(terminal, log, options.weights ?? '');
  const result = await train(options, {
    ...progress.events,
    signal,
    elapsed: () => process.uptime(),
  }).catch((error: unknown) => {
    throw withWayOn(error, progress.folder);
  });
  log.finish();
  printEnd(result, given, terminal);
  if (result.bestEpoch < 0) terminal.warn(describeNoGain(log.opened));
}

async function runFolds(
  { terminal, signal }: CommandContext,
  options: TrainOptions & { readonly folds: number },
): Promise<void> {
  let log: TrainLog | undefined;
  const { status, folder, folds, ...means } = await crossValidate(options, {
    signal,
    onFold: (fold, count) => {
      log?.finish();
      log = new TrainLog(terminal);
      terminal.print(`\nFold ${fold + 1} of ${count}`);
      return new Progress(terminal, log, options.weights ?? '').events;
    },
  });
  log?.finish();
  if (status === 'stopped')
    throw new InterruptedError(`Stopped after ${folds.length} of ${options.folds} folds`);
  terminal.print(`\nBest epoch of each fold:`);
  const columns = ['Fold', 'Images', 'mAP50', 'mAP50-95'].map((title) => ({ title }));
  const rows = folds.map(({ images, mAP50, mAP50_95 }, i) =>
    [i + 1, images, mAP50.toFixed(3), mAP50_95.toFixed(3)].map(String),
  );
  for (const line of formatTable(columns, rows)) terminal.print(line);
  for (const [name, { mean, low, high }] of [
    ['mAP50', means.mAP50] as const,
    ['mAP50-95', means.mAP50_95] as const,
  ])
    terminal.print(`${name} ${mean.toFixed(3)}, 95% interval ${low.toFixed(3)} to ${high.toFixed(3)}`);
  terminal.print(`Results: ${shortPath(folder)}`);
}

function withResume({ resume, ...given }: Given<'train'>): ResumeOptions | undefined {
  return resume === undefined ? undefined : { ...given, resume };
}

function withData({ data, ...given }: Given<'train'>): TrainOptions {
  if (data === undefined) throw new UsageError(NO_DATA);
  checkMemory(given);
  return { ...given, data };
}

function checkMemory({ freeze, memory, batchSize }: Given<'train'>): void {
  const selectors = [freeze ?? []].flat();
  const auto = selectors.includes('auto');
  if (auto && selectors.length > 1)
    throw new UsageError("--freeze auto can't be combined with other selectors");
  if (auto && memory === undefined)
    throw new UsageError('--freeze auto picks by memory: say how much there is, such as --memory 1GB');
  if (auto && batchSize === -1)
    throw new UsageError('--freeze auto and --batch-size -1 depend on each other: give one of them');
  if (!auto && batchSize !== -1 && memory !== undefined)
    throw new UsageError('--memory has an effect only with --freeze auto or --batch-size -1');
}

/** Prints the events of a run. */
class Progress {
  folder = '';
  readonly events: TrainEvents;

  constructor(terminal: Terminal, log: TrainLog, weights: string) {
    const download = new DownloadLog(terminal, weights);
    let parameters: SetupEvent['detector']['model']['parameters'] = [];
    this.events = {
      onDownload: (done, total) => download.update(done, total),
      ...datasetEvents(terminal),
      onWarning: (text) => terminal.warn(text),
      onSetup: (event) => {
        this.folder = event.folder;
        ({ parameters } = event.detector.model);
        printSetup(event, terminal);
      },
      onOpened: (figures) => log.onOpened(figures),
      onStart: (event) => log.onStart(event),
      onStage: (event) => {
        const images = event.readsImages ? '; nothing is left to cache, so images are read' : '';
        log.onStage(event.epoch, `${describeStage(event, parameters)}${images}`);
      },
      onBatch: (event) => log.onBatch(event),
      onFeatures: (event) => printFeatures(event, terminal),
      onFill: (event) => log.onFill(event),
      onEpoch: (event) => log.onEpoch(event),
    };
  }
}

/** The error of a run that had begun, and how it goes on from its last checkpoint. */
function withWayOn(error: unknown, folder: string): unknown {
  const last = join(folder, 'weights', 'last.safetensors');
  if (folder === '' || error instanceof UsageError || !existsSync(last)) return error;
  const command = `froyolo train --resume ${quoted(shortPath(folder))}`;
  const failed = error instanceof FroyoloError && error.code === 'ERR_TRAINING_DEVICE';
  return new CommandError(
    `${messageOf(error)}\nThe run is saved in ${shortPath(last)}. To continue, with the same settings:\n` +
      `  ${command}${failed ? ' --device cpu' : ''}`,
    { cause: error },
  );
}

function printSetup(
  { detector, freeze, described, transferred, ...setup }: SetupEvent,
  terminal: Terminal,
): void {
  printWarnings(terminal, setup.warnings);
  warnOfFewImages(setup.images.val, terminal);
  const { names, model } = detector;
  terminal.note(
    `${described.train} to train on, ${described.val} to validate; ` +
      `${count(names.length, 'class', 'classes')}: ${names.join(', ')}`,
  );
  if (transferred)
    terminal.note(
      `${transferred.kept} of ${transferred.total} tensors taken from the weights; the rest starts fresh`,
    );
  if (setup.classes) terminal.note(describeHeadRows(setup.classes));
  if (setup.freezeReason) terminal.note(`Picked ${setup.freezeReason}`);
  for (const line of setup.batchReason ?? []) terminal.note(line);
  printRecipe(setup, terminal);
  const { parameters } = model;
  for (const line of [...setup.anchors, ...describeFreeze(freeze, parameters)]) terminal.note(line);
  for (const line of describeUnfreezing(setup.stages, parameters)) terminal.note(line);
  if (setup.imagesFrom !== undefined)
    terminal.note(`features are cached until then: after ${setup.imagesFrom} epochs training reads images`);
  for (const line of describeLrScales(setup.lrScales, parameters)) terminal.note(line);
  terminal.note(`Computing on ${setup.device}`);
  if (setup.slowStart) terminal.note(setup.slowStart);
  terminal.note(`Results go to ${shortPath(setup.folder)}`);
  terminal.live('Compiling the training step');
}

/** A validation set that is so small can't tell a good detector from a slightly better one. */
const FEW_VAL_IMAGES = 100;

function warnOfFewImages(images: number, terminal: Terminal): void {
  if (images < FEW_VAL_IMAGES)
    terminal.warn(
      `${count(images, 'image')} to validate on can't tell mAP50-95 .50 from .53: smaller differences between trainings ` +
        'may be chance; --folds 5 validates on every image',
    );
}

/** Printed as the YAML that `--hyp` takes, so that nothing is hidden. */
function printRecipe({ recipe, steps }: Pick<SetupEvent, 'recipe' | 'steps'>, terminal: Terminal): void {
  if (!recipe && steps < FEW_STEPS)
    terminal.note(
      `Only ${count(steps, 'step is', 'steps are')} planned: --recipe auto learns more from few images`,
    );
  if (!recipe) return;
  const { epochs, patience, valPeriod } = recipe.settings;
  terminal.note(
    `Recipe from the dataset, unless given otherwise: about ${recipe.steps} steps in ${count(epochs, 'epoch')}, ` +
      `validation every ${valPeriod}, patience ${patience}; hyperparameters:`,
  );
  for (const [name, value] of Object.entries(recipe.hyp)) terminal.note(`  ${name}: ${value}`);
}

function printEnd(
  { status, last, best, folder, bestEpoch, state }: TrainResult,
  { nosave, imgsz }: Given<'train'>,
  terminal: Terminal,
): void {
  if (status === 'stopped')
    throw new InterruptedError(`Saved. To continue:\n  froyolo train --resume ${quoted(shortPath(last))}`);
  if (status === 'patience')
    terminal.note(
      `Stopped: no improvement for ${state.progress.epoch - bestEpoch - 1} epochs; --patience sets this limit.`,
    );
  const bestOf = bestEpoch < 0 ? 'the detector as opened' : `epoch ${bestEpoch + 1}`;
  terminal.print(nosave ? '' : `\nBest (${bestOf}): ${shortPath(best)}`);
  terminal.print(`Last: ${shortPath(last)}\nResults: ${shortPath(folder)}`);
  const size = imgsz === undefined ? '' : ` --imgsz ${imgsz}`;
  const weights = quoted(shortPath(nosave ? last : best));
  terminal.note(`To detect with it: froyolo detect --weights ${weights}${size} --source images/`);
}

/** @param opened figures of the detector that training started from; absent if an earlier process had them */
function describeNoGain(opened: Pick<ValidationResult, 'mAP50_95'> | undefined): string {
  const figure = opened ? ` (mAP50-95 ${opened.mAP50_95.toFixed(3)})` : '';
  return (
    `no epoch is better than the detector as opened${figure}: the best weights are that detector, with the classes of this ` +
    'dataset. More labeled images may help, a longer training (--epochs, --time), or a lower lr0 (--hyp)'
  );
}

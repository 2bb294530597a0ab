/** `froyolo train`: fine-tunes a detector, or trains one from fresh values. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OptimizerName } from '@froyolo/core';
import {
  describeFreeze,
  describeLrScales,
  describeStage,
  describeUnfreezing,
  type FrozenBatchNorm,
} from '@froyolo/freeze';
import { labelsChart, resultsChart } from '@froyolo/report';
import { FEW_STEPS, RECIPES, type RecipeName } from '@froyolo/run';
import {
  resumeOnFiles,
  type SetupEvent,
  type TrainFilesEvents,
  type TrainFilesResult,
  trainOnFiles,
} from '@froyolo/run/node';
import { parseDuration, type TrainOptions } from '@froyolo/run/settings';
import {
  type ClassFrom,
  describeHeadRows,
  KEEP_HEAD,
  type KeepHead,
  TrainingDeviceError,
} from '@froyolo/yolo';
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  addDeviceFlag,
  addFreezeFlags,
  addImageSizeFlag,
  addOutputFlags,
  addStartFlags,
  addWorkersFlag,
  type CommandContext,
  type CommandEntry,
  createCommand,
  lrScaleOption,
} from '../args/command.js';
import { addFeatureFlags, type FeatureFlags, featureOptions } from '../args/feature-flags.js';
import { batchSizeOrAuto, byteSize, classPairs, fraction, integer } from '../args/parsers.js';
import type { UnavailableFlags } from '../args/unavailable.js';
import { checkDevice } from '../device.js';
import { CommandError, InterruptedError, UsageError } from '../errors.js';
import { DownloadLog } from '../output/download-log.js';
import { printFeatures } from '../output/features-log.js';
import { count } from '../output/format.js';
import { Pictures } from '../output/pictures.js';
import type { Terminal } from '../output/terminal.js';
import { TrainLog } from '../output/train-log.js';
import { printWarnings } from '../output/warnings.js';
import { quoted, shortPath } from '../paths.js';
import { findLastCheckpoint } from '../runs.js';

const UNAVAILABLE: UnavailableFlags = {
  '--image-weights': 'images are drawn with equal weight',
  '--quad': 'batches are made of single images',
  '--evolve': 'hyperparameters come from --hyp',
  '--bucket': 'weights and data are local files',
  '--sync-bn': 'training runs in one process',
  '--local-rank': 'training runs in one process',
  '--entity': 'there is no logging service; results.csv holds the figures',
  '--upload-dataset': 'there is no logging service',
  '--bbox-interval': 'there is no logging service',
  '--artifact-alias': 'there is no logging service',
};

/** Flags that count with `--resume`. */
const WITH_RESUME = ['resume', 'project', 'device', 'noplots', 'debug'];

interface TrainFlags extends FeatureFlags {
  readonly weights: string;
  readonly cfg?: string;
  readonly data?: string;
  readonly hyp?: string;
  readonly epochs: number;
  readonly batchSize: number;
  readonly imgsz: number;
  readonly rect?: boolean;
  /** `true` where no path follows. */
  readonly resume?: string | true;
  readonly nosave?: boolean;
  readonly noval?: boolean;
  readonly noautoanchor?: boolean;
  readonly keepHead: KeepHead;
  readonly classFrom?: ClassFrom;
  readonly noplots?: boolean;
  readonly device: string;
  readonly singleCls?: boolean;
  readonly optimizer: OptimizerName;
  readonly workers?: number;
  readonly project: string;
  readonly name: string;
  readonly existOk?: boolean;
  readonly multiScale?: boolean;
  readonly cosLr?: boolean;
  readonly labelSmoothing?: number;
  readonly recipe?: RecipeName;
  /** Seconds. */
  readonly time?: number;
  readonly valPeriod?: number;
  readonly patience: number;
  readonly freeze: readonly string[];
  readonly freezeBn: FrozenBatchNorm;
  readonly unfreeze?: readonly string[];
  readonly lrScale?: readonly string[];
  /** Bytes. */
  readonly memory?: number;
  readonly savePeriod: number;
  readonly seed: number;
}

export function createTrainCommand(context: CommandContext): CommandEntry {
  const entry = createCommand('train', 'Fine-tune a detector', UNAVAILABLE);
  const { command } = entry;
  addStartFlags(command);
  command.option('--batch-size <count>', 'images of a batch; -1 for as many as fit', batchSizeOrAuto, 16);
  addImageSizeFlag(command);
  command
    .option('--rect', 'batches of similar aspect ratios in their smallest shape')
    .option('--resume [file]', 'go on with a run: its last.safetensors (default: the latest under --project)')
    .option('--nosave', 'write only the final checkpoint')
    .option('--noval', 'validate after the last epoch only')
    .option('--noautoanchor', 'keep the anchors as they are')
    .addOption(
      new Option(
        '--keep-head <what>',
        'of a last layer for other classes: rows of box and objectness, or none of it, as YOLOv5 does',
      )
        .choices(KEEP_HEAD)
        .default('rows'),
    )
    .option(
      '--class-from <pairs...>',
      'classes of the weights that classes start from: crate=suitcase (default: of the same name, else the one that answers at its boxes)',
      classPairs,
    )
    .option('--noplots', 'draw no charts and pictures')
    .addOption(
      new Option(
        '--cache [what]',
        'keep decoded images in ram (default) or on disk, or features: what the frozen layers make of them',
      ).choices(['ram', 'disk', 'features']),
    );
  addFeatureFlags(command);
  command
    .option('--multi-scale', 'each batch has one of five sizes from half to one and a half times --imgsz')
    .option('--single-cls', 'treat all classes as one')
    .addOption(new Option('--optimizer <name>').choices(['SGD', 'Adam', 'AdamW']).default('SGD'))
    .option('--cos-lr', 'the learning rate falls along a cosine')
    .option('--label-smoothing <amount>', 'instead of the hyperparameter', fraction)
    .addOption(
      new Option(
        '--recipe <name>',
        'where length and hyperparameters come from: YOLOv5, or the dataset (auto; meant by --time)',
      ).choices(RECIPES),
    )
    .option(
      '--time <time>',
      'train the best detector that this time allows, such as 5m: plans depth, cache and validation by the clock',
      duration,
    )
    .option('--val-period <epochs>', 'validate after every so many epochs (default: 1)', integer({ min: 1 }))
    .option('--patience <epochs>', 'stop after so many epochs without a better one; 0 never', integer(), 100);
  addFreezeFlags(command);
  command
    .option(
      '--unfreeze <steps...>',
      'free layers later: 10:20,5:25 keeps 10 frozen after 20 epochs, then 5 after 25',
    )
    .addOption(lrScaleOption())
    .option(
      '--memory <size>',
      'what training may take, such as 1GB: with --freeze auto or --batch-size -1',
      byteSize,
    )
    .option('--save-period <epochs>', 'also keep a checkpoint every so many epochs', integer({ min: -1 }), -1)
    .option('--seed <number>', 'same seed, same training', integer(), 0);
  addDeviceFlag(command);
  addWorkersFlag(command);
  addOutputFlags(command, 'runs/train');
  command.action((flags: TrainFlags, self: Command) => runTrain(context, flags, self));
  return entry;
}

async function runTrain(context: CommandContext, flags: TrainFlags, command: Command): Promise<void> {
  const { terminal, signal } = context;
  checkDevice(flags.device);
  const log = new TrainLog(terminal);
  let parameters: SetupEvent['detector']['model']['parameters'] = [];
  let folder = '';
  let pictures: Pictures | undefined;
  let names: readonly string[] = [];
  const download = new DownloadLog(terminal, flags.weights);
  const events: TrainFilesEvents = {
    onDownload: (done, total) => download.update(done, total),
    onWarning: (warning) => terminal.warn(warning),
    onSetup: (event) => {
      folder = event.folder;
      ({ parameters } = event.detector.model);
      printSetup(event, terminal);
      if (flags.noplots) return;
      names = event.detector.names;
      pictures = new Pictures(folder, terminal);
      pictures.charts({ labels: labelsChart(event.labels, names) });
    },
    onTrainImages: (batch, index) => pictures?.batch(`train_batch${index}`, batch, names),
    onStart: (event) => log.onStart(event),
    onStage: (event) =>
      log.onStage(
        event.epoch,
        `${describeStage(event, parameters)}${event.readsImages ? '; images are read, no features are left to cache' : ''}`,
      ),
    onBatch: (event) => log.onBatch(event),
    onFeatures: (event) => printFeatures(event, terminal),
    onFill: (event) => log.onFill(event),
    onEpoch: (event) => log.onEpoch(event),
  };
  const result = await (flags.resume
    ? resumeOnFiles(await checkpointOf(flags, command, terminal), resumeOptions(flags, command), {
        ...events,
        signal,
      })
    : trainOnFiles(trainingOptions(flags, command), {
        ...events,
        signal,
        elapsed: () => process.uptime(),
      })
  ).catch((error: unknown) => {
    throw error instanceof TrainingDeviceError ? withResume(error, folder) : error;
  });
  log.finish();
  const results = join(folder, 'results.csv');
  if (pictures && existsSync(results))
    pictures.charts({ results: resultsChart(await readFile(results, 'utf8')) });
  await pictures?.finish();
  printEnd(result, flags, terminal);
}

/** The checkpoint to go on from. Its run has its own settings: flags that say otherwise don't count. */
async function checkpointOf(flags: TrainFlags, command: Command, terminal: Terminal): Promise<string> {
  const ignored = command.options.filter(
    (option) =>
      command.getOptionValueSource(option.attributeName()) === 'cli' &&
      !WITH_RESUME.includes(option.attributeName()),
  );
  if (ignored.length > 0)
    terminal.warn(`a resumed run keeps its settings; ignored: ${ignored.map(({ long }) => long).join(', ')}`);
  return typeof flags.resume === 'string' ? flags.resume : findLastCheckpoint(flags.project);
}

/** Without `--device` a run goes on where it was. */
function resumeOptions({ device }: TrainFlags, command: Command): Partial<TrainOptions> {
  return command.getOptionValueSource('device') === 'cli' ? { device } : {};
}

/** The error of a device, and how the run goes on from the checkpoint that there is. */
function withResume(error: TrainingDeviceError, folder: string): Error {
  const last = join(folder, 'weights', 'last.safetensors');
  if (!existsSync(last)) return error;
  const command = `froyolo train --resume ${quoted(shortPath(last))} --device cpu`;
  return new CommandError(
    `${error.message}\nTo go on elsewhere, with the same settings:\n  ${command}\n` +
      `A new run with others starts from the same file with --weights.`,
    { cause: error },
  );
}

/** Flags that were written: the defaults of others are those of a recipe. */
function givenFlags(flags: TrainFlags, command: Command): Partial<TrainFlags>;
function givenFlags(flags: TrainFlags, command: Command): object {
  return Object.fromEntries(
    Object.entries(flags).filter(([name]) => command.getOptionValueSource(name) !== 'default'),
  );
}

function trainingOptions(flags: TrainFlags, command: Command): TrainOptions {
  const {
    data,
    cache,
    resume: _,
    noplots: __,
    cacheVariants: _variants,
    cacheRefresh: _refresh,
    cacheLimit: _limit,
    cacheDir: _dir,
    cacheIn: _in,
    ...same
  } = givenFlags(flags, command);
  if (data === undefined) throw new UsageError('--data is missing: name a dataset YAML');
  checkMemory(flags);
  return {
    ...same,
    data,
    ...(cache ? { cache: cache === true ? 'ram' : cache } : {}),
    ...featureOptions(flags),
  };
}

function duration(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === undefined || seconds < 1)
    throw new InvalidArgumentError('It must be a time such as 90s, 5m or 1h30m.');
  return seconds;
}

function checkMemory({ freeze, memory, batchSize }: TrainFlags): void {
  const auto = freeze.includes('auto');
  if (auto && freeze.length > 1) throw new UsageError('--freeze auto stands alone');
  if (auto && memory === undefined)
    throw new UsageError('--freeze auto picks by memory: say how much there is, such as --memory 1GB');
  if (auto && batchSize === -1)
    throw new UsageError('--freeze auto and --batch-size -1 depend on each other: give one of them');
  if (!auto && batchSize !== -1 && memory !== undefined)
    throw new UsageError('--memory only counts with --freeze auto or --batch-size -1');
}

function printSetup(
  { detector, freeze, described, transferred, ...setup }: SetupEvent,
  terminal: Terminal,
): void {
  printWarnings(terminal, setup.warnings);
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
  printRecipe(setup, terminal);
  if (setup.freezeReason) terminal.note(`Picked ${setup.freezeReason}`);
  for (const line of setup.batchReason ?? []) terminal.note(line);
  const { parameters } = model;
  for (const line of [...setup.anchors, ...describeFreeze(freeze, parameters)]) terminal.note(line);
  for (const line of describeUnfreezing(setup.stages, parameters)) terminal.note(line);
  if (setup.imagesFrom !== undefined)
    terminal.note(`features are cached until then: after ${setup.imagesFrom} epochs training reads images`);
  for (const line of describeLrScales(setup.lrScales, parameters)) terminal.note(line);
  terminal.note(`Computing on ${setup.device}`);
  terminal.note(`Results go to ${shortPath(setup.folder)}`);
  terminal.live('Compiling the training step');
}

/** Printed as the YAML that `--hyp` takes, so that nothing is hidden. */
function printRecipe({ recipe, steps }: Pick<SetupEvent, 'recipe' | 'steps'>, terminal: Terminal): void {
  if (!recipe && steps < FEW_STEPS)
    terminal.note(`Only ${steps} steps are planned: --recipe auto learns more from few images`);
  if (!recipe) return;
  const { epochs, patience, valPeriod } = recipe.settings;
  terminal.note(
    `Recipe from the dataset, unless given otherwise: about ${recipe.steps} steps in ${count(epochs, 'epoch')}, ` +
      `validation every ${valPeriod}, patience ${patience}; hyperparameters:`,
  );
  for (const [name, value] of Object.entries(recipe.hyp)) terminal.note(`  ${name}: ${value}`);
}

function printEnd(
  { status, last, best, folder, bestEpoch }: TrainFilesResult,
  { patience, nosave }: TrainFlags,
  terminal: Terminal,
): void {
  if (status === 'stopped')
    throw new InterruptedError(`Saved. To go on:\n  froyolo train --resume ${quoted(shortPath(last))}`);
  if (status === 'patience')
    terminal.note(`Stopped: no better epoch in ${patience}; --patience changes that.`);
  terminal.print(nosave ? '' : `\nBest (epoch ${bestEpoch + 1}): ${shortPath(best)}`);
  terminal.print(`Last: ${shortPath(last)}\nResults: ${shortPath(folder)}`);
}

/** `froyolo train`: fine-tunes a detector, or trains one from fresh values. */
import type { OptimiserName } from '@froyolo/core';
import { describeFreeze, type FrozenBatchNorm } from '@froyolo/freeze';
import { type SetupEvent, type TrainFilesOptions, trainOnFiles } from '@froyolo/yolo/node';
import { type Command, Option } from 'commander';
import {
  addDeviceFlag,
  addFreezeFlags,
  addImageSizeFlag,
  addOutputFlags,
  addWorkersFlag,
  type CommandContext,
  type CommandEntry,
  createCommand,
} from '../args/command.js';
import { batchSize, fraction, integer } from '../args/parsers.js';
import type { UnavailableFlags } from '../args/unavailable.js';
import { checkDevice } from '../device.js';
import { InterruptedError, UsageError } from '../errors.js';
import { DownloadLog } from '../output/download-log.js';
import { count } from '../output/format.js';
import type { Terminal } from '../output/terminal.js';
import { TrainLog } from '../output/train-log.js';
import { printWarnings } from '../output/warnings.js';
import { findLastCheckpoint } from '../runs.js';

const UNAVAILABLE: UnavailableFlags = {
  '--multi-scale': 'every batch has the size that --imgsz says',
  '--nosave': 'the last and the best checkpoint are always kept',
  '--image-weights': 'images are drawn with equal weight',
  '--quad': 'batches are made of single images',
  '--evolve': 'hyperparameters come from --hyp',
  '--bucket': 'weights and data are local files',
  '--noplots': 'no plots are drawn, so there is nothing to switch off',
  '--sync-bn': 'training runs in one process',
  '--local-rank': 'training runs in one process',
  '--entity': 'there is no logging service; results.csv holds the figures',
  '--upload-dataset': 'there is no logging service',
  '--bbox-interval': 'there is no logging service',
  '--artifact-alias': 'there is no logging service',
};

interface TrainFlags {
  readonly weights: string;
  readonly cfg?: string;
  readonly data?: string;
  readonly hyp?: string;
  readonly epochs: number;
  readonly batchSize: number;
  readonly imgsz: number;
  readonly rect: boolean;
  /** `true` where no path follows. */
  readonly resume?: string | true;
  readonly noval: boolean;
  readonly noautoanchor: boolean;
  readonly cache?: 'ram' | 'disk' | true;
  readonly device: string;
  readonly singleCls: boolean;
  readonly optimizer: OptimiserName;
  readonly workers?: number;
  readonly project: string;
  readonly name: string;
  readonly existOk: boolean;
  readonly cosLr: boolean;
  readonly labelSmoothing?: number;
  readonly patience: number;
  readonly freeze: readonly string[];
  readonly freezeBn: FrozenBatchNorm;
  readonly savePeriod: number;
  readonly seed: number;
}

export function createTrainCommand(context: CommandContext): CommandEntry {
  const entry = createCommand('train', 'Fine-tune a detector', UNAVAILABLE);
  const { command } = entry;
  command
    .option('--weights <file>', "what to start from: .pt, .safetensors, an official name, or '' for fresh values", 'yolov5s.pt')
    .option('--cfg <file>', 'architecture: a YAML or an official name (default: that of the weights)')
    .option('--data <file>', 'dataset YAML')
    .option('--hyp <file>', 'hyperparameter YAML or the name of a preset (default: scratch-low)')
    .option('--epochs <count>', 'times to go through the training images', integer({ min: 1 }), 100)
    .option('--batch-size <count>', 'images of a batch', batchSize, 16);
  addImageSizeFlag(command);
  command
    .option('--rect', 'batches of similar aspect ratios in their smallest shape', false)
    .option('--resume [file]', 'go on with a run: its last.safetensors (default: the latest under --project)')
    .option('--noval', 'validate after the last epoch only', false)
    .option('--noautoanchor', 'keep the anchors as they are', false)
    .addOption(new Option('--cache [where]', 'keep decoded images: ram (default) or disk').choices(['ram', 'disk']))
    .option('--single-cls', 'treat all classes as one', false)
    .addOption(new Option('--optimizer <name>').choices(['SGD', 'Adam', 'AdamW']).default('SGD'))
    .option('--cos-lr', 'the learning rate falls along a cosine', false)
    .option('--label-smoothing <amount>', 'instead of the hyperparameter', fraction)
    .option('--patience <epochs>', 'stop after so many epochs without a better one; 0 never', integer(), 100);
  addFreezeFlags(command);
  command
    .option('--save-period <epochs>', 'also keep a checkpoint every so many epochs', integer({ min: -1 }), -1)
    .option('--seed <number>', 'same seed, same training', integer(), 0);
  addDeviceFlag(command);
  addWorkersFlag(command);
  addOutputFlags(command, 'runs/train');
  command.action((flags: TrainFlags, self: Command) => runTrain(context, flags, self));
  return entry;
}

async function runTrain({ terminal, signal }: CommandContext, flags: TrainFlags, command: Command): Promise<void> {
  checkDevice(flags.device);
  const log = new TrainLog(terminal);
  const download = new DownloadLog(terminal);
  const result = await trainOnFiles(
    { ...(await trainingOptions(flags, command)), signal },
    {
      onDownload: (done, total) => download.update(done, total),
      onSetup: (event) => printSetup(terminal, event),
      onStart: (event) => log.onStart(event),
      onBatch: (event) => log.onBatch(event),
      onEpoch: (event) => log.onEpoch(event),
    },
  );
  log.finish();
  const { last, best, folder, status, bestEpoch } = result;
  if (status === 'stopped')
    throw new InterruptedError(`Stopped; everything is saved. To go on:\n  froyolo train --resume ${quote(last)}`);
  if (status === 'patience')
    terminal.print(`No better epoch in ${flags.patience}: stopped. --patience changes that.`);
  terminal.print(`\nBest epoch ${bestEpoch + 1}: ${best}\nLast epoch: ${last}\nResults: ${folder}`);
}

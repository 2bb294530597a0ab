/** `froyolo val`: mean average precision of a detector on a dataset. */
import { join } from 'node:path';
import type { Split } from '@froyolo/data';
import { writeAtomic } from '@froyolo/data/node';
import { validationCharts } from '@froyolo/report';
import { runFolder, validateOnFiles } from '@froyolo/run/node';
import type { ImageDetections, ValidationResult } from '@froyolo/yolo';
import { Option } from 'commander';
import {
  addDeviceFlag,
  addImageSizeFlag,
  addNmsFlags,
  addOutputFlags,
  addWorkersFlag,
  type CommandContext,
  type CommandEntry,
  createCommand,
} from '../args/command.js';
import { batchSize } from '../args/parsers.js';
import type { UnavailableFlags } from '../args/unavailable.js';
import { loadWeights } from '../checkpoint.js';
import { labelRows, ResultNames, writeLabels } from '../detect/results.js';
import { checkDevice, openFlaggedDevice } from '../device.js';
import { InterruptedError } from '../errors.js';
import { fitImageSize } from '../image-size.js';
import { classTable } from '../output/class-table.js';
import { count } from '../output/format.js';
import { PICTURED_BATCHES, Pictures } from '../output/pictures.js';
import { ProgressBar } from '../output/progress.js';
import type { Terminal } from '../output/terminal.js';
import { printWarnings } from '../output/warnings.js';

const UNAVAILABLE: UnavailableFlags = {
  '--augment': 'there is no augmented inference',
  '--save-hybrid': 'labels and detections are not mixed',
  '--save-json': 'the figures are in metrics.json of the run',
  '--half': 'everything is computed in float32',
  '--dnn': 'everything is computed by onnxruntime',
};

/** With more classes than this only `--verbose` lists each. */
const MAX_LISTED_CLASSES = 49;

interface ValFlags {
  readonly data: string;
  readonly weights: string;
  readonly batchSize: number;
  readonly imgsz: number;
  readonly confThres: number;
  readonly iouThres: number;
  readonly maxDet: number;
  readonly task: Split;
  readonly device: string;
  readonly workers?: number;
  readonly singleCls?: boolean;
  readonly verbose?: boolean;
  readonly saveTxt?: boolean;
  readonly saveConf?: boolean;
  readonly project: string;
  readonly name: string;
  readonly existOk?: boolean;
}

export function createValCommand(context: CommandContext): CommandEntry {
  const entry = createCommand('val', 'Measure a detector on a dataset', UNAVAILABLE);
  const { command } = entry;
  command
    .requiredOption('--data <file>', 'dataset YAML')
    .option('--weights <file>', 'detector: .pt, .safetensors or an official name', 'yolov5s.pt')
    .option('--batch-size <count>', 'images of a batch', batchSize, 32);
  addImageSizeFlag(command);
  addNmsFlags(command, { confThres: 0.001, iouThres: 0.6, maxDet: 300 });
  command
    .addOption(new Option('--task <split>', 'which images').choices(['train', 'val', 'test']).default('val'))
    .option('--single-cls', 'treat all classes as one')
    .option('--verbose', 'list every class, however many there are')
    .option('--save-txt', 'write the detections to labels/*.txt')
    .option('--save-conf', 'with the confidence in them');
  addDeviceFlag(command);
  addWorkersFlag(command);
  addOutputFlags(command, 'runs/val');
  command.action((flags: ValFlags) => runVal(context, flags));
  return entry;
}

async function runVal({ terminal, signal }: CommandContext, flags: ValFlags): Promise<void> {
  checkDevice(flags.device);
  const detector = await loadWeights(flags.weights, terminal, signal);
  const names = flags.singleCls ? ['item'] : detector.names;
  const folder = runFolder(flags.project, flags.name, flags.existOk);
  const { executor } = await openFlaggedDevice(flags.device, terminal);
  const bar = new ProgressBar(terminal);
  const pictures = new Pictures(folder, terminal);
  let [total, pictured] = [0, 0];
  const { details, ...result } = await validateOnFiles({
    ...{ detector, executor, signal },
    ...validationOptions(flags, folder),
    imgsz: fitImageSize(flags.imgsz, detector, terminal),
    onStart({ images, described, warnings }) {
      total = images;
      printWarnings(terminal, warnings);
      terminal.note(`${flags.weights} on ${described} of "${flags.task}" of ${flags.data}`);
    },
    onPredictions(batch, detections) {
      if (pictured === PICTURED_BATCHES) return;
      pictures.batch(`val_batch${pictured}_labels`, batch, names);
      pictures.batch(`val_batch${pictured++}_pred`, batch, names, detections);
    },
    onWarning: (warning) => terminal.warn(warning),
    onBatch: ({ images }) => bar.update(`${images} of ${count(total, 'image')}`, images, total),
  });
  bar.clear();
  if (signal.aborted) throw new InterruptedError('Stopped before the last image: there are no figures.');
  printResult(terminal, result, flags.verbose || detector.names.length <= MAX_LISTED_CLASSES);
  await writeAtomic(join(folder, 'metrics.json'), `${JSON.stringify(result, undefined, 2)}\n`);
  pictures.charts(validationCharts(details, names));
  await pictures.finish();
  terminal.print(`Results: ${folder}`);
}

function validationOptions(flags: ValFlags, folder: string) {
  const { data, task: split, batchSize: images, confThres, iouThres, maxDet, singleCls, workers } = flags;
  const options = { data, split, batchSize: images, confThres, iouThres, maxDet, singleCls, workers };
  if (!flags.saveTxt) return options;
  const names = new ResultNames();
  const onImage = ({ path, detections, ...size }: ImageDetections) =>
    writeLabels(folder, names.of(path), labelRows(size, detections, flags.saveConf));
  return { ...options, onImage };
}

function printResult(
  terminal: Terminal,
  result: Omit<ValidationResult, 'details'>,
  listClasses: boolean,
): void {
  for (const line of classTable(result, listClasses)) terminal.print(line);
  const { preprocess, inference, nms } = result.speed;
  const times = [
    `${preprocess.toFixed(1)} ms before`,
    `${inference.toFixed(1)} ms inference`,
    `${nms.toFixed(1)} ms NMS`,
  ];
  terminal.note(`Per image: ${times.join(', ')}`);
}

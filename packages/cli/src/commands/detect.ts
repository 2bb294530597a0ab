/** `froyolo detect`: finds objects in images. */
import { ImageError } from '@froyolo/data';
import { decodeImage, loadDatasetConfig } from '@froyolo/data/node';
import { runFolder } from '@froyolo/run/node';
import {
  createPredictor,
  type Detection,
  type Detector,
  type PredictOptions,
  type Predictor,
} from '@froyolo/yolo';
import {
  addDeviceFlag,
  addImageShapeFlag,
  addNmsFlags,
  addOutputFlags,
  type CommandContext,
  type CommandEntry,
  createCommand,
} from '../args/command.js';
import { each, integer } from '../args/parsers.js';
import type { UnavailableFlags } from '../args/unavailable.js';
import { loadWeights } from '../checkpoint.js';
import { ResultNames, type ResultOptions, writeResults } from '../detect/results.js';
import { listSources } from '../detect/sources.js';
import { checkDevice, openFlaggedDevice } from '../device.js';
import { CommandError, InterruptedError, UsageError } from '../errors.js';
import { fitImageSize } from '../image-size.js';
import { count } from '../output/format.js';
import { ProgressBar } from '../output/progress.js';
import type { Terminal } from '../output/terminal.js';

const UNAVAILABLE: UnavailableFlags = {
  '--view-img': 'results are written as files',
  '--augment': 'there is no augmented inference',
  '--visualize': 'features are not drawn',
  '--update': 'checkpoints are not changed',
  '--half': 'everything is computed in float32',
  '--dnn': 'everything is computed by onnxruntime',
  '--vid-stride': 'videos are not read',
};

interface DetectFlags {
  readonly weights: string;
  readonly source: readonly string[];
  readonly data?: string;
  readonly imgsz?: readonly number[];
  readonly confThres: number;
  readonly iouThres: number;
  readonly maxDet: number;
  readonly classes?: readonly number[];
  readonly agnosticNms?: boolean;
  readonly device: string;
  readonly saveTxt?: boolean;
  readonly saveConf?: boolean;
  readonly saveCrop?: boolean;
  readonly nosave?: boolean;
  readonly lineThickness?: number;
  readonly hideLabels?: boolean;
  readonly hideConf?: boolean;
  readonly project: string;
  readonly name: string;
  readonly existOk?: boolean;
}

export function createDetectCommand(context: CommandContext): CommandEntry {
  const entry = createCommand('detect', 'Find objects in images', UNAVAILABLE);
  const { command } = entry;
  command
    .option('--weights <file>', 'detector: .pt, .safetensors or an official name', 'yolov5s.pt')
    .requiredOption('--source <paths...>', 'images, folders, globs or .txt lists of images')
    .option('--data <file>', 'dataset YAML whose class names replace those of the weights');
  addImageShapeFlag(command);
  addNmsFlags(command, { confThres: 0.25, iouThres: 0.45, maxDet: 1000 });
  command
    .option('--classes <indices...>', 'keep only these classes', each(integer()))
    .option('--agnostic-nms', 'boxes of different classes suppress each other too')
    .option('--save-txt', 'write labels/*.txt')
    .option('--save-conf', 'with the confidence in them')
    .option('--save-crop', 'write crops/CLASS/*.jpg')
    .option('--nosave', 'write no images')
    .option(
      '--line-thickness <pixels>',
      'of the boxes (default: by the size of the image)',
      integer({ min: 1 }),
    )
    .option('--hide-labels', 'draw boxes only')
    .option('--hide-conf', 'draw names without confidence');
  addDeviceFlag(command);
  addOutputFlags(command, 'runs/detect');
  command.action((flags: DetectFlags) => runDetect(context, flags));
  return entry;
}

async function runDetect({ terminal, signal }: CommandContext, flags: DetectFlags): Promise<void> {
  checkDevice(flags.device);
  const files = await listSources(flags.source);
  const detector = await withNames(await loadWeights(flags.weights, terminal, signal), flags.data);
  const predictor = createPredictor(detector, await predictOptions(flags, detector, terminal));
  const options = resultOptions(flags);
  const bar = new ProgressBar(terminal);
  const names = new ResultNames();
  let skipped = 0;
  try {
    for (const [done, path] of files.entries()) {
      bar.update(`${done} of ${count(files.length, 'image')}`, done, files.length);
      if (signal.aborted)
        throw new InterruptedError(`Stopped after ${done} of ${count(files.length, 'image')}.`);
      const line = await detectInFile(path, predictor, names, options).catch((error: unknown) => {
        if (!(error instanceof ImageError)) throw error;
        terminal.warn(`${error.message} (skipped)`);
      });
      if (line) terminal.print(line);
      else skipped++;
    }
  } finally {
    bar.clear();
    await predictor.dispose();
  }
  if (skipped === files.length) throw new CommandError('none of the images could be used');
  if (skipped > 0) terminal.warn(`${skipped} of ${count(files.length, 'image')} skipped`);
  if (writesFiles(options)) terminal.print(`Results: ${options.folder}`);
}

/** Detects, writes the results and returns the line to print. */
async function detectInFile(
  path: string,
  predictor: Predictor,
  names: ResultNames,
  options: ResultOptions,
): Promise<string> {
  const image = await decodeImage(path);
  const { detections, shape, speed } = await predictor.predict(image);
  await writeResults(image, detections, { path, name: names.of(path) }, options);
  return `${path}: ${shape.join('x')} ${summary(detections)}, ${speed.inference.toFixed(1)} ms`;
}

/** Such as `2 person, 1 bus`. */
function summary(detections: readonly Detection[]): string {
  const counts = new Map<string, number>();
  for (const { name } of detections) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, n]) => `${n} ${name}`).join(', ') || 'nothing found';
}

async function predictOptions(
  flags: DetectFlags,
  detector: Detector,
  terminal: Terminal,
): Promise<PredictOptions> {
  const { confThres, iouThres, maxDet, classes, agnosticNms: agnostic } = flags;
  const unknown = classes?.find((index) => index >= detector.names.length);
  if (unknown !== undefined)
    throw new UsageError(
      `--classes ${unknown}: the detector has the classes 0 to ${detector.names.length - 1}`,
    );
  return {
    executor: (await openFlaggedDevice(flags.device, terminal)).executor,
    imgsz: imageShape(flags, detector, terminal),
    ...{ confThres, iouThres, maxDet, agnostic },
    ...(classes ? { classes } : {}),
  };
}

/** One number is the long side; two are height and width. */
function imageShape(flags: DetectFlags, detector: Detector, terminal: Terminal): PredictOptions['imgsz'] {
  const sizes = (flags.imgsz ?? [640]).map((size) => fitImageSize(size, detector, terminal));
  const [height, width = height, ...more] = sizes;
  if (more.length > 0)
    throw new UsageError(`--imgsz takes one number, or height and width, not ${sizes.length}`);
  return [height!, width!];
}

/** The class names of a dataset instead of the detector's own. */
async function withNames(detector: Detector, data: string | undefined): Promise<Detector> {
  if (data === undefined) return detector;
  const { names } = await loadDatasetConfig(data);
  if (names.length !== detector.names.length)
    throw new CommandError(
      `${data} names ${count(names.length, 'class', 'classes')}, the detector has ${detector.names.length}`,
    );
  return { ...detector, names };
}

function resultOptions(flags: DetectFlags): ResultOptions {
  const { saveTxt, saveConf, saveCrop, lineThickness, hideLabels, hideConf, nosave } = flags;
  const folder = runFolder(flags.project, flags.name, flags.existOk);
  return { folder, saveImages: !nosave, saveTxt, saveConf, saveCrop, lineThickness, hideLabels, hideConf };
}

function writesFiles({ saveImages, saveTxt, saveCrop }: ResultOptions): boolean {
  return [saveImages, saveTxt, saveCrop].some(Boolean);
}

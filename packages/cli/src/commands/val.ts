/** `froyolo val`: mean average precision of a detector on a dataset. */
import type { ValidateOptions } from '@froyolo/run/settings';
import { studySizes } from '../api/study-sizes.js';
import { type ValidateResult, validate } from '../api/validate.js';
import type { Given } from '../args/options.js';
import { commonEvents } from '../common-events.js';
import type { CommandContext } from '../context.js';
import { checkDevice } from '../device.js';
import { InterruptedError, NO_DATA, UsageError } from '../errors.js';
import { classTable } from '../output/class-table.js';
import { count, formatTable } from '../output/format.js';
import { ProgressBar } from '../output/progress.js';
import type { Terminal } from '../output/terminal.js';
import { printWarnings } from '../output/warnings.js';

/** With more classes than this only `--verbose` lists each. */
const MAX_LISTED_CLASSES = 49;

export async function runVal({ terminal, signal }: CommandContext, given: Given<'val'>): Promise<void> {
  checkDevice(given.device, 'validation');
  const { data, task } = given;
  if (data === undefined) throw new UsageError(NO_DATA);
  const context = { terminal, signal };
  if (task === 'study') return runStudy(context, { ...given, data });
  // Several detectors are measured one by one, elsewhere they are an ensemble.
  const runs = task === 'speed' ? [given.weights].flat() : [given.weights];
  for (const weights of runs) await runOnce(context, { ...given, data, weights });
}

async function runOnce({ terminal, signal }: CommandContext, options: ValidateOptions): Promise<void> {
  const { data, weights, verbose = false } = options;
  const bar = new ProgressBar(terminal);
  let total = 0;
  const result = await validate(options, {
    ...commonEvents({ terminal, signal }, weights),
    onStart({ images, described, classes, warnings }) {
      total = images;
      printWarnings(terminal, warnings);
      if (classes !== undefined) terminal.note(classes);
      terminal.note(`Validating on ${described} of ${data}`);
    },
    onBatch: ({ images }) => bar.update(`${images} of ${count(total, 'image')}`, images, total),
  });
  bar.clear();
  if (result.isPartial) throw new InterruptedError('Stopped before the last image: there are no figures.');
  printResult(terminal, result, verbose || result.classes.length <= MAX_LISTED_CLASSES);
  if (result.folder !== undefined) terminal.print(`Results: ${result.folder}`);
}

async function runStudy({ terminal, signal }: CommandContext, options: ValidateOptions): Promise<void> {
  const bar = new ProgressBar(terminal);
  let [total, label] = [0, ''];
  const { sizes, folder, isPartial } = await studySizes(options, {
    ...commonEvents({ terminal, signal }, options.weights),
    onSize: (imgsz, weights) => {
      label = `${weights}, ${imgsz} px`;
    },
    onStart: ({ images }) => {
      total = images;
    },
    onBatch: ({ images }) => bar.update(`${label}: ${images} of ${total}`, images, total),
  }).finally(() => bar.clear());
  if (isPartial) throw new InterruptedError(`Stopped after ${count(sizes.length, 'size')}.`);
  const columns = ['Weights', 'Size', 'P', 'R', 'mAP50', 'mAP50-95', 'before', 'inference', 'NMS'];
  const rows = sizes.map(({ weights, imgsz, precision, recall, mAP50, mAP50_95, speed }) => [
    ...[weights, String(imgsz)],
    ...[precision, recall, mAP50, mAP50_95].map((value) => value.toFixed(3)),
    ...[speed.preprocess, speed.inference, speed.nms].map((value) => `${value.toFixed(1)} ms`),
  ]);
  for (const line of formatTable(
    columns.map((title) => ({ title })),
    rows,
  ))
    terminal.print(line);
  terminal.print(`Results: ${folder}`);
}

function printResult(terminal: Terminal, result: ValidateResult, listClasses: boolean): void {
  for (const line of classTable(result, listClasses)) terminal.print(line);
  const { preprocess, inference, nms } = result.speed;
  const times = [
    `${preprocess.toFixed(1)} ms preprocessing`,
    `${inference.toFixed(1)} ms inference`,
    `${nms.toFixed(1)} ms NMS`,
  ];
  terminal.note(`Per image: ${times.join(', ')}`);
}

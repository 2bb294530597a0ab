/** `froyolo val`: mean average precision of a detector on a dataset. */
import { type ValidateResult, validate } from '../api/validate.js';
import type { Given } from '../args/options.js';
import type { CommandContext } from '../context.js';
import { checkDevice, printDevice } from '../device.js';
import { InterruptedError, UsageError } from '../errors.js';
import { classTable } from '../output/class-table.js';
import { DownloadLog } from '../output/download-log.js';
import { count } from '../output/format.js';
import { ProgressBar } from '../output/progress.js';
import type { Terminal } from '../output/terminal.js';
import { printWarnings } from '../output/warnings.js';

/** With more classes than this only `--verbose` lists each. */
const MAX_LISTED_CLASSES = 49;

export async function runVal({ terminal, signal }: CommandContext, given: Given<'val'>): Promise<void> {
  checkDevice(given.device);
  const { data, weights = '', verbose = false } = given;
  if (data === undefined) throw new UsageError('--data is missing: name a dataset YAML');
  const bar = new ProgressBar(terminal);
  const download = new DownloadLog(terminal, weights);
  let total = 0;
  const result = await validate(
    { ...given, data },
    {
      signal,
      onDownload: (done, all) => download.update(done, all),
      onDevice: (device) => printDevice(device, terminal),
      onWarning: (text) => terminal.warn(text),
      onStart({ images, described, classes, warnings }) {
        total = images;
        printWarnings(terminal, warnings);
        if (classes !== undefined) terminal.note(classes);
        terminal.note(`Validating on ${described} of ${data}`);
      },
      onBatch: ({ images }) => bar.update(`${images} of ${count(total, 'image')}`, images, total),
    },
  );
  bar.clear();
  if (result.isPartial) throw new InterruptedError('Stopped before the last image: there are no figures.');
  printResult(terminal, result, verbose || result.classes.length <= MAX_LISTED_CLASSES);
  if (result.folder !== undefined) terminal.print(`Results: ${result.folder}`);
}

function printResult(terminal: Terminal, result: ValidateResult, listClasses: boolean): void {
  for (const line of classTable(result, listClasses)) terminal.print(line);
  const { preprocess, inference, nms } = result.speed;
  const times = [
    `${preprocess.toFixed(1)} ms before`,
    `${inference.toFixed(1)} ms inference`,
    `${nms.toFixed(1)} ms NMS`,
  ];
  terminal.note(`Per image: ${times.join(', ')}`);
}

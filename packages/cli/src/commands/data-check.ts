/** `froyolo data check`: a doctor for datasets. */
import { join } from 'node:path';
import { batchPicture, checkDataset, createValLoader, openDataset, saveImage } from '@froyolo/data/node';
import { reasonOf } from '@froyolo/errors';
import type { Given } from '../args/options.js';
import type { CommandContext } from '../context.js';
import { checkLines } from '../data/check-report.js';
import { CommandError, UsageError } from '../errors.js';
import { count } from '../output/format.js';
import { ProgressBar } from '../output/progress.js';
import type { Terminal } from '../output/terminal.js';

const DEFAULT_IMGSZ = 640;

export async function runCheck(
  { terminal }: CommandContext,
  given: Given<'data check'>,
  [data]: readonly string[],
): Promise<void> {
  if (data === undefined) throw new UsageError('name a dataset YAML, or a folder or zip that contains one');
  const { imgsz = DEFAULT_IMGSZ, fix, existOk = false, json, all, strict, pictures } = given;
  const bar = new ProgressBar(terminal);
  const report = await checkDataset(data, {
    imgsz,
    existOk,
    ...(fix === undefined ? {} : { fix }),
    onProgress: (done, total) => bar.update(`${done} of ${count(total, 'image')}`, done, total),
  });
  bar.clear();
  const lines = json ? [JSON.stringify(report, undefined, 2)] : checkLines(report, all);
  for (const line of lines) terminal.print(line);
  if (pictures) await drawPictures(terminal, data, imgsz, pictures);
  const failing = report.findings.filter(
    ({ severity }) => severity === 'error' || (strict && severity === 'warning'),
  );
  if (failing.length > 0) throw new CommandError(`${data}: ${count(failing.length, 'finding')} to look at`);
}

/** `train.jpg`, `val.jpg` and `labels.png`; a split that can't be drawn is a warning. */
async function drawPictures(terminal: Terminal, data: string, imgsz: number, folder: string): Promise<void> {
  for (const split of ['train', 'val'] as const) {
    try {
      const dataset = await openDataset(data, split, { cacheLabels: false });
      const loader = await createValLoader(dataset, { imgsz, batchSize: 16, rect: false, workers: 0 });
      for await (const batch of loader.epoch(0)) {
        await saveImage(await batchPicture(batch, dataset.names), join(folder, `${split}.jpg`));
        break;
      }
      if (split === 'val') continue;
      const { labelsChart, writeCharts } = await import('@froyolo/report');
      const labels = dataset.images.map((image) => image.labels);
      await writeCharts(folder, { labels: labelsChart(labels, dataset.names) });
    } catch (error) {
      terminal.warn(`${split}: no picture: ${reasonOf(error)}`);
    }
  }
}

/** `froyolo detect`: finds objects in images. */
import type { Detection } from '@froyolo/yolo';
import { detect, type ImageResult } from '../api/detect.js';
import type { Given } from '../args/options.js';
import type { CommandContext } from '../context.js';
import { checkDevice, printDevice } from '../device.js';
import { CommandError, InterruptedError, UsageError } from '../errors.js';
import { DownloadLog } from '../output/download-log.js';
import { count } from '../output/format.js';
import { ProgressBar } from '../output/progress.js';

export async function runDetect({ terminal, signal }: CommandContext, given: Given<'detect'>): Promise<void> {
  checkDevice(given.device);
  const { source, weights = '' } = given;
  if (source === undefined)
    throw new UsageError('--source is missing: name images, a folder, a glob or a list');
  const bar = new ProgressBar(terminal);
  const download = new DownloadLog(terminal, weights);
  const { images, skipped, isPartial, folder } = await detect(
    { ...given, source },
    {
      signal,
      onDownload: (done, total) => download.update(done, total),
      onDevice: (device) => printDevice(device, terminal),
      onWarning: (text) => terminal.warn(text),
      onProgress: (done, total) => bar.update(`${done} of ${count(total, 'image')}`, done, total),
      onImage: (result) => terminal.print(describe(result)),
    },
  ).finally(() => bar.clear());
  const total = images.length + skipped.length;
  if (isPartial) throw new InterruptedError(`Stopped after ${images.length} of ${count(total, 'image')}.`);
  if (images.length === 0) throw new CommandError('none of the images could be used');
  if (skipped.length > 0) terminal.warn(`${skipped.length} of ${count(total, 'image')} skipped`);
  if (folder !== undefined) terminal.print(`Results: ${folder}`);
}

function describe({ path, shape, detections, speed }: ImageResult): string {
  return `${path}: ${shape.join('x')} ${summary(detections)}, ${speed.inference.toFixed(1)} ms`;
}

/** Such as `2 person, 1 bus`. */
function summary(detections: readonly Detection[]): string {
  const counts = new Map<string, number>();
  for (const { name } of detections) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, n]) => `${n} ${name}`).join(', ') || 'nothing found';
}

/** `froyolo detect`: finds objects in images, videos and streams. */
import { printable } from '@froyolo/data';
import type { Detection } from '@froyolo/yolo';
import { detect } from '../api/detect.js';
import type { DetectResult, FrameResult, ImageResult } from '../api/detect-events.js';
import type { Given } from '../args/options.js';
import { commonEvents } from '../common-events.js';
import type { CommandContext } from '../context.js';
import { checkDevice } from '../device.js';
import { CommandError, InterruptedError, UsageError } from '../errors.js';
import { count } from '../output/format.js';
import { ProgressBar } from '../output/progress.js';
import type { Terminal } from '../output/terminal.js';

export async function runDetect({ terminal, signal }: CommandContext, given: Given<'detect'>): Promise<void> {
  checkDevice(given.device, 'detection');
  const { source, weights = '' } = given;
  if (source === undefined)
    throw new UsageError(
      '--source is missing: name images, videos, a folder, a glob, a list, a camera or an address',
    );
  const bar = new ProgressBar(terminal);
  const result = await detect(
    { ...given, source },
    {
      ...commonEvents({ terminal, signal }, weights),
      onView: (address) => terminal.note(`Watch it at ${address}`),
      onProgress: (done, total) => bar.update(`${done} of ${count(total, 'image')}`, done, total),
      onImage: (image) => terminal.print(describe(image)),
      onFrame: (frame) => terminal.print(describeFrame(frame)),
    },
  ).finally(() => bar.clear());
  printEnd(result, terminal);
}

function printEnd(result: DetectResult, terminal: Terminal): void {
  const { images, videos, skipped, isPartial, folder, speed, perSecond } = result;
  const frames = videos.reduce((sum, video) => sum + video.frames, 0);
  const what = [
    ...(images.length > 0 || frames === 0 ? [count(images.length, 'image')] : []),
    ...(frames > 0 ? [count(frames, 'frame')] : []),
  ].join(' and ');
  if (speed)
    terminal.note(
      `Per image: ${speed.preprocess.toFixed(1)} ms preprocessing, ${speed.inference.toFixed(1)} ms inference, ` +
        `${speed.nms.toFixed(1)} ms NMS; ${what}, ${perSecond.toFixed(1)} per second`,
    );
  for (const { file } of videos) if (file !== undefined) terminal.print(`Video: ${file}`);
  if (isPartial) throw new InterruptedError(`Stopped after ${what}.`);
  const total = images.length + videos.length + skipped.length;
  if (images.length === 0 && frames === 0) throw new CommandError('none of the images could be used');
  if (skipped.length > 0)
    terminal.warn(`${skipped.length} of ${count(total, frames > 0 ? 'source' : 'image')} skipped`);
  if (images.length > 0 && frames === 0 && images.every(({ detections }) => detections.length === 0))
    terminal.note(NOTHING_FOUND);
  if (folder !== undefined) terminal.print(`Results: ${folder}`);
}

const NOTHING_FOUND =
  'Nothing was found in any image: try a lower --conf-thres (such as 0.1), the --imgsz of the training, or more training.';

function describe({ path, shape, detections, speed }: ImageResult): string {
  return `${path}: ${shape.join('x')} ${summary(detections)}, ${speed.inference.toFixed(1)} ms`;
}

/** With its place: `video 1/2 (12/500)`, or `stream 1/1 (12)`. */
function describeFrame(result: FrameResult): string {
  const { source, sources, frame, frames } = result;
  const kind = frames === undefined ? 'stream' : 'video';
  const place = frames === undefined ? String(frame) : `${frame}/${frames}`;
  return `${kind} ${source + 1}/${sources} (${place}) ${describe(result)}`;
}

/** Counts by class, such as `2 person, 1 bus`. */
function summary(detections: readonly Detection[]): string {
  const counts = new Map<string, number>();
  for (const { name } of detections) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, n]) => `${n} ${printable(name)}`).join(', ') || 'nothing found';
}

/** `froyolo plan`: predicts the cost of every freeze depth, before anything runs. */
import { writeAtomic } from '@froyolo/common/node';
import { type Plan, plan } from '../api/plan.js';
import type { Given } from '../args/options.js';
import type { CommandContext } from '../context.js';
import { DownloadLog } from '../output/download-log.js';
import { shortPath } from '../paths.js';
import { planTable } from '../plan/table.js';

const EXPLANATION = [
  'forward, backward: FLOPs of a batch. activations: most bytes alive at one time, on the CPU through onnxruntime.',
  'optimizer: its state, gradients and averages. peak: all memory that a step adds to the process.',
  'time: of a step, freeze 0 = 1. cached: a step that starts from cached features of the frozen layers.',
];

export async function runPlan({ terminal, signal }: CommandContext, given: Given<'plan'>): Promise<void> {
  const { json = false, picture, ...options } = given;
  const download = new DownloadLog(terminal, options.weights ?? '');
  const planned = await plan(options, {
    signal,
    onDownload: (done, total) => download.update(done, total),
    onRow: ({ depth }) => terminal.live(`Planning freeze ${depth}`),
    onWarning: (text) => terminal.warn(text),
  }).finally(() => terminal.live(''));
  if (picture !== undefined) {
    const { drawPlan } = await import('../plan/picture.js');
    await writeAtomic(picture, await drawPlan(planned.rows, titleOf(planned)));
    terminal.note(`Picture: ${shortPath(picture)}`);
  }
  for (const line of json ? [asJson(planned)] : asText(planned)) terminal.print(line);
}

function titleOf({ batchSize, imgsz, classes, optimizer }: Plan): string {
  return `${batchSize} images of ${imgsz} px, ${classes} classes, ${optimizer}`;
}

function asText(planned: Plan): string[] {
  return [titleOf(planned), '', ...planTable(planned.rows), '', ...EXPLANATION];
}

function asJson({ imgsz, batchSize, optimizer, rows }: Plan): string {
  return JSON.stringify({ imgsz, batchSize, optimizer, rows }, undefined, 2);
}

/** `froyolo study status`: how the runs in a queue go. */
import type { QueueStatus, RunStatus } from '@froyolo/queue';
import { resolveSettings } from '@froyolo/run/settings';
import { loadQueue, queueOf } from '../api/queue.js';
import type { Given } from '../args/options.js';
import type { CommandContext } from '../context.js';
import { FLAGS } from '../flags.js';
import { count, formatSeconds, formatTable } from '../output/format.js';
import type { Terminal } from '../output/terminal.js';

/** Number of runs listed one by one; beyond it, finished runs are left out. */
const LISTED = 50;

export async function runStatus({ terminal }: CommandContext, given: Given<'study status'>): Promise<void> {
  const { queue, json, board, host } = resolveSettings(FLAGS, 'study status', given);
  const { queueStatus, serveBoard } = await loadQueue();
  if (board !== undefined) {
    const { url } = await serveBoard(queueOf(queue), board, host);
    terminal.note(`Bull Board: ${url} (Ctrl-C ends it)`);
    return;
  }
  const status = await queueStatus(queueOf(queue));
  if (json) terminal.print(JSON.stringify(status, undefined, 2));
  else print(status, terminal);
}

function print({ counts, workers, runs, imagesPerSecond, left }: QueueStatus, terminal: Terminal): void {
  const { running, waiting, finished, failed } = counts;
  terminal.print(
    `${count(running + waiting + finished + failed, 'run')}: ${finished} finished, ${running} under way, ${waiting} waiting, ${failed} failed`,
  );
  if (running > 0) {
    const time = left === undefined ? 'not known yet' : `about ${formatSeconds(left)}`;
    terminal.print(`${imagesPerSecond.toFixed(1)} images/s, time left: ${time}`);
  }
  terminal.print(
    `\n${count(workers.length, 'worker')}${workers.length === 0 ? ': froyolo worker starts one' : ''}`,
  );
  const titles = ['Worker', 'Devices', 'Version', 'Host', 'Finished'];
  const rows = workers.map(({ name, devices, version, host, done }) => [
    ...[name, devices.join(' '), version, host, String(done)],
  ]);
  if (rows.length > 0) printTable(titles, rows, terminal);
  const listed = runs.filter(({ state }) => state !== 'finished' || runs.length <= LISTED).slice(0, LISTED);
  if (listed.length > 0) {
    terminal.print();
    printTable(['Run', 'State', 'Epoch', 'Images/s', 'Left', 'Worker'], listed.map(runRow), terminal);
  }
  if (listed.length < runs.length) terminal.print(`… ${runs.length - listed.length} more: --json lists all`);
}

function runRow({
  name,
  state,
  epoch,
  epochs,
  imagesPerSecond,
  left,
  worker,
  device,
  reason,
}: RunStatus): string[] {
  return [
    ...[name, state, `${epoch}/${epochs || '?'}`],
    imagesPerSecond === undefined ? '' : imagesPerSecond.toFixed(1),
    left === undefined ? '' : formatSeconds(left),
    worker === undefined ? (reason ?? '') : `${worker} (${device})`,
  ];
}

function printTable(titles: readonly string[], rows: readonly string[][], terminal: Terminal): void {
  const columns = titles.map((title) => ({ title, align: 'left' as const }));
  for (const line of formatTable(columns, rows)) terminal.print(line);
}

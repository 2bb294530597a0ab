/** `froyolo benchmarks`: every export format on every device, in one table. */
import { endWithParent } from '@froyolo/common/node';
import { benchmark } from '../api/benchmarks.js';
import type { Given } from '../args/options.js';
import { measureHere } from '../benchmarks/measure.js';
import { measureApart, orderIn } from '../benchmarks/measure-apart.js';
import { type BenchmarkRow, benchmarkTable } from '../benchmarks/results.js';
import type { CommandContext } from '../context.js';
import { datasetEvents } from '../dataset-events.js';
import { checkDevices } from '../device.js';
import { CommandError, NO_DATA, UsageError } from '../errors.js';
import { DownloadLog } from '../output/download-log.js';
import { formatSeconds } from '../output/format.js';

export async function runBenchmarks(
  { terminal, signal }: CommandContext,
  given: Given<'benchmarks'>,
): Promise<void> {
  checkDevices(given.device);
  if (given.probe !== undefined) return terminal.print(await measured(given.probe));
  const { probe: _, data, ...options } = given;
  const { weights = '' } = options;
  if (data === undefined) throw new UsageError(NO_DATA);
  const download = new DownloadLog(terminal, weights);
  const { rows, folder, seconds } = await benchmark(
    { ...options, data },
    {
      signal,
      ...datasetEvents(terminal),
      onDownload: (done, all) => download.update(done, all),
      onWarning: (text) => terminal.warn(text),
      onMeasure: (format, device) =>
        terminal.live(device === undefined ? `Writing ${format}` : `Measuring ${format} on ${device}`),
    },
    given.device?.includes(',') ? { measure: measureApart, atOnce: Number.POSITIVE_INFINITY } : {},
  );
  terminal.live('');
  for (const line of benchmarkTable(rows)) terminal.print(line);
  terminal.note(`${formatSeconds(seconds)}; results: ${folder}`);
  checkSome(rows);
}

/** A table of failures alone is no result. */
function checkSome(rows: readonly BenchmarkRow[]): void {
  const failures = rows.flatMap(({ failure }) => failure ?? []);
  const [first] = failures;
  const done = rows.filter(({ failure, reason }) => failure === undefined && reason === undefined);
  if (first !== undefined && done.length === 0)
    throw new CommandError(`no format could be measured; the first: ${first}`);
}

/** In a child process: one file on one device. */
async function measured(order: string): Promise<string> {
  endWithParent();
  return JSON.stringify({ figures: await measureHere(orderIn(order), {}) });
}

/** `froyolo benchmarks`: every export format on every device, in one table. */
import { benchmark } from '../api/benchmarks.js';
import type { Given } from '../args/options.js';
import { benchmarkTable } from '../benchmarks/results.js';
import type { CommandContext } from '../context.js';
import { checkDevice } from '../device.js';
import { NO_DATA, UsageError } from '../errors.js';
import { DownloadLog } from '../output/download-log.js';
import { formatSeconds } from '../output/format.js';

export async function runBenchmarks(
  { terminal, signal }: CommandContext,
  given: Given<'benchmarks'>,
): Promise<void> {
  checkDevice(given.device);
  const { data, weights = '' } = given;
  if (data === undefined) throw new UsageError(NO_DATA);
  const download = new DownloadLog(terminal, weights);
  const { rows, folder, seconds } = await benchmark(
    { ...given, data },
    {
      signal,
      onDownload: (done, all) => download.update(done, all),
      onWarning: (text) => terminal.warn(text),
      onMeasure: (format, device) =>
        terminal.live(device === undefined ? `Writing ${format}` : `Measuring ${format} on ${device}`),
    },
  );
  terminal.live('');
  for (const line of benchmarkTable(rows)) terminal.print(line);
  terminal.note(`${formatSeconds(seconds)}; results: ${folder}`);
}

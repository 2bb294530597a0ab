/** `froyolo compare`: the same training with several freezes and seeds, and a report that puts them side by side. */
import { rowsIn } from '@froyolo/run/settings';
import { reportFiles, type StudyResults, summaryTable } from '@froyolo/study';
import { compare } from '../api/compare.js';
import type { Given } from '../args/options.js';
import type { CommandContext } from '../context.js';
import { datasetEvents } from '../dataset-events.js';
import { checkDevices } from '../device.js';
import { InterruptedError, NO_DATA, UsageError } from '../errors.js';
import { FLAGS } from '../flags.js';
import { CompareLog } from '../output/compare-log.js';
import { DownloadLog } from '../output/download-log.js';
import { formatTable } from '../output/format.js';
import { QueueLog, queueFlags } from '../output/queue-log.js';
import type { Terminal } from '../output/terminal.js';
import { quoted, shortPath } from '../paths.js';

export async function runCompare(
  { terminal, signal }: CommandContext,
  given: Given<'compare'>,
): Promise<void> {
  checkDevices(given.device);
  const isQueued = given.queue !== undefined;
  let log = isQueued ? new QueueLog(terminal) : new CompareLog(terminal);
  let download = new DownloadLog(terminal, '');
  const { status, results, folder } = await compare(withResume(given, terminal) ?? withData(given), {
    signal,
    ...datasetEvents(terminal),
    onDownload: (done, total) => download.update(done, total),
    onArm: (event) => log.onArm(event),
    onStudy: (place, { recipe }) => {
      download = new DownloadLog(terminal, recipe.weights);
      // Lines of runs that are done at the same time tell which run they are of.
      if (recipe.device?.includes(',')) log = new QueueLog(terminal);
      terminal.note(`Results go to ${shortPath(place)}`);
    },
  });
  log.finish();
  if (status === 'stopped')
    throw new InterruptedError(`${isQueued ? LEFT : 'Saved. To continue'}:\n${goOn(folder, given)}`);
  printResults(results, folder, terminal);
}

const LEFT = 'The runs stay in the queue and workers continue them. To collect the results';

function goOn(folder: string, places: Given<'compare'>): string {
  return ['  froyolo compare --resume', quoted(shortPath(folder)), ...queueFlags(places)].join(' ');
}

function withData({ data, ...given }: Given<'compare'>) {
  if (data === undefined) throw new UsageError(NO_DATA);
  return { ...given, data };
}

/** A resumed study keeps its recipe but for the device; other flags of the recipe are ignored. */
function withResume({ resume, ...given }: Given<'compare'>, terminal: Terminal) {
  if (resume === undefined) return undefined;
  const recorded = rowsIn(FLAGS, 'compare')
    .filter(({ name, recipe }) => recipe && name !== 'device')
    .map(({ name }) => name);
  const ignored = Object.keys(given).filter((name) => recorded.includes(name));
  if (ignored.length > 0) terminal.warn(`a resumed study keeps its settings; ignored: ${ignored.join(', ')}`);
  return { ...given, resume };
}

function printResults(results: StudyResults, folder: string, terminal: Terminal): void {
  const { columns, rows } = summaryTable(results);
  const titled = columns.map((title) => ({ title }));
  terminal.print();
  for (const line of formatTable(titled, rows)) terminal.print(line);
  terminal.print();
  for (const sentence of results.recommendation) terminal.print(sentence);
  terminal.print(`\nReport: ${shortPath(reportFiles(folder).html)}`);
}

/** `froyolo compare`: the same training with several freezes and seeds, and a report that puts them side by side. */

import type { OptimizerName } from '@froyolo/core';
import type { FrozenBatchNorm } from '@froyolo/freeze';
import { runFolder } from '@froyolo/run/node';
import { recipeOf, resolveSettings, SETTINGS } from '@froyolo/run/settings';
import {
  compareFreezes,
  readStudy,
  reportFiles,
  type Study,
  type StudyResults,
  summaryTable,
  writeReport,
} from '@froyolo/study';
import { type Command, Option } from 'commander';
import {
  addDeviceFlag,
  addImageSizeFlag,
  addOutputFlags,
  addStartFlags,
  addWorkersFlag,
  type CommandContext,
  type CommandEntry,
  createCommand,
  freezeBnOption,
  lrScaleOption,
} from '../args/command.js';
import { batchSize, integer } from '../args/parsers.js';
import { checkDevice } from '../device.js';
import { InterruptedError, UsageError } from '../errors.js';
import { CompareLog } from '../output/compare-log.js';
import { DownloadLog } from '../output/download-log.js';
import { formatTable } from '../output/format.js';
import type { Terminal } from '../output/terminal.js';
import { quoted, shortPath } from '../paths.js';
import { findLastStudy } from '../runs.js';

/** Flags that count with `--resume`: a study may get more freezes and seeds, since its runs stay comparable. */
const WITH_RESUME = ['resume', 'freeze', 'seeds', 'project', 'debug'];

interface CompareFlags {
  readonly weights: string;
  readonly cfg?: string;
  readonly data?: string;
  readonly hyp?: string;
  readonly freeze: readonly string[];
  readonly freezeBn: FrozenBatchNorm;
  readonly lrScale?: readonly string[];
  readonly seeds: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly imgsz: number;
  readonly noautoanchor?: boolean;
  readonly cache?: 'ram' | 'disk' | true;
  readonly optimizer: OptimizerName;
  readonly patience: number;
  readonly device: string;
  readonly workers?: number;
  /** `true` where no path follows. */
  readonly resume?: string | true;
  readonly project: string;
  readonly name: string;
  readonly existOk?: boolean;
}

export function createCompareCommand(context: CommandContext): CommandEntry {
  const entry = createCommand('compare', 'Train with several freezes and compare them in a report');
  const { command } = entry;
  addStartFlags(command);
  command
    .option(
      '--freeze <selectors...>',
      'what to compare, one freeze each: 0 is nothing; 10 layers 0 to 9; backbone; 24/10:20 frees some after 20 epochs',
      ['0', '10', '24'],
    )
    .addOption(freezeBnOption())
    .addOption(lrScaleOption())
    .option('--seeds <count>', 'train each freeze so often, with seeds 0, 1, …', integer({ min: 1 }), 1)
    .option('--batch-size <count>', 'images of a batch', batchSize, 16);
  addImageSizeFlag(command);
  command
    .option('--noautoanchor', 'keep the anchors as they are')
    .addOption(
      new Option('--cache [where]', 'keep decoded images: ram (default) or disk').choices(['ram', 'disk']),
    )
    .addOption(new Option('--optimizer <name>').choices(['SGD', 'Adam', 'AdamW']).default('SGD'))
    .option('--patience <epochs>', 'stop after so many epochs without a better one; 0 never', integer(), 100);
  addDeviceFlag(command);
  addWorkersFlag(command);
  command.option(
    '--resume [folder]',
    'go on with a study: its folder (default: the latest under --project); --freeze and --seeds may add runs',
  );
  addOutputFlags(command, 'runs/compare');
  command.action((flags: CompareFlags, self: Command) => runCompare(context, flags, self));
  return entry;
}

async function runCompare(
  { terminal, signal }: CommandContext,
  flags: CompareFlags,
  command: Command,
): Promise<void> {
  checkDevice(flags.device);
  const { folder, study } = flags.resume
    ? await resumed(flags, command, terminal)
    : { folder: runFolder(flags.project, flags.name, flags.existOk), study: studyOf(flags) };
  const download = new DownloadLog(terminal, study.recipe.weights);
  const log = new CompareLog(terminal);
  terminal.note(`Results go to ${shortPath(folder)}`);
  const { status, results } = await compareFreezes(
    folder,
    study,
    {
      onDownload: (done, total) => download.update(done, total),
      onArm: (event) => log.onArm(event),
      onResults: (soFar) => writeReport(soFar, folder),
    },
    { signal },
  );
  log.finish();
  if (status === 'stopped')
    throw new InterruptedError(`Saved. To go on:\n  froyolo compare --resume ${quoted(shortPath(folder))}`);
  printResults(results, folder, terminal);
}

/** The study in a folder, with the freezes and seeds that the flags add. */
async function resumed(
  flags: CompareFlags,
  command: Command,
  terminal: Terminal,
): Promise<{ folder: string; study: Study }> {
  const isGiven = (name: string) => command.getOptionValueSource(name) === 'cli';
  const ignored = command.options.filter(
    (option) => isGiven(option.attributeName()) && !WITH_RESUME.includes(option.attributeName()),
  );
  if (ignored.length > 0)
    terminal.warn(
      `a resumed study keeps its settings; ignored: ${ignored.map(({ long }) => long).join(', ')}`,
    );
  const folder = typeof flags.resume === 'string' ? flags.resume : await findLastStudy(flags.project);
  const study = await readStudy(folder);
  return {
    folder,
    study: {
      ...study,
      ...(isGiven('freeze') ? { freezes: flags.freeze } : {}),
      ...(isGiven('seeds') ? { seeds: seedsOf(flags) } : {}),
    },
  };
}

function studyOf(flags: CompareFlags): Study {
  const { data, noautoanchor, optimizer, freezeBn, lrScale, cache } = flags;
  if (data === undefined) throw new UsageError('--data is missing: name a dataset YAML');
  const { weights, cfg, hyp, epochs, batchSize, imgsz, patience, device, workers } = flags;
  const settings = resolveSettings(SETTINGS, 'compare', {
    ...{ weights, cfg, data, hyp, epochs, batchSize, imgsz, patience, device, workers },
    ...{ noautoanchor, optimizer, freezeBn, lrScale },
    ...(cache ? { cache: cache === true ? 'ram' : cache } : {}),
  });
  return {
    recipe: recipeOf(settings),
    freezes: flags.freeze,
    seeds: seedsOf(flags),
  };
}

function seedsOf({ seeds }: CompareFlags): number[] {
  return Array.from({ length: seeds }, (_, seed) => seed);
}

function printResults(results: StudyResults, folder: string, terminal: Terminal): void {
  const { columns, rows } = summaryTable(results);
  terminal.print();
  for (const line of formatTable(
    columns.map((title) => ({ title })),
    rows,
  ))
    terminal.print(line);
  terminal.print();
  for (const sentence of results.recommendation) terminal.print(sentence);
  terminal.print(`\nReport: ${shortPath(reportFiles(folder).html)}`);
}

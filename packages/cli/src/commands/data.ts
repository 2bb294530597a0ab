/** `froyolo data`: datasets are converted to the layout that training reads. */
import { type Conversion, convertDataset } from '@froyolo/data/node';
import { type CommandContext, type CommandEntry, createCommand } from '../args/command.js';
import { commaSeparated, integer } from '../args/parsers.js';
import { UsageError } from '../errors.js';
import { count } from '../output/format.js';
import type { Terminal } from '../output/terminal.js';
import { printWarnings } from '../output/warnings.js';

interface ConvertFlags {
  readonly annotations?: string;
  readonly images?: string;
  readonly imageSets?: string;
  readonly out: string;
  readonly existOk?: boolean;
  readonly classes?: readonly string[];
  readonly keepCrowds?: boolean;
  readonly valEvery?: number;
}

export function createDataCommand(context: CommandContext): CommandEntry {
  const entry = createCommand('data', 'Datasets: convert');
  entry.command.addCommand(convertCommand(context));
  return entry;
}

function convertCommand({ terminal }: CommandContext) {
  const { command } = createCommand('convert', 'Convert Pascal VOC or COCO annotations to a YOLO dataset');
  return command
    .argument(
      '[source]',
      'folder or zip with Pascal VOC (.xml) or COCO (.json) annotations and their images, or a COCO file',
    )
    .option('--annotations <folder>', 'VOC: XML files, where they are not in the source')
    .option('--images <folder>', 'images, where they are not in the source')
    .option(
      '--image-sets <folder>',
      'VOC: folder of train.txt, val.txt, test.txt (default: ImageSets/Main in the source)',
    )
    .requiredOption('--out <folder>', 'where the dataset goes; it must be empty or not there')
    .option('--exist-ok', 'replace images, labels and data.yaml that are in the folder')
    .option(
      '--classes <names...>',
      'classes in order: dog,cat or dog cat; objects of others are left out (default: all)',
      commaSeparated,
    )
    .option('--keep-crowds', 'COCO: keep objects marked crowd, as CVAT marks masks')
    .option(
      '--val-every <count>',
      'without a validation set, hold out one of so many images; 0 for none (default: 5)',
      integer(),
    )
    .action((source: string | undefined, flags: ConvertFlags) => runConvert(terminal, source, flags));
}

async function runConvert(
  terminal: Terminal,
  source: string | undefined,
  flags: ConvertFlags,
): Promise<void> {
  if (source === undefined && !(flags.annotations && flags.images))
    throw new UsageError('name a folder, zip or COCO file to convert, or both --annotations and --images');
  const { valEvery, ...rest } = flags;
  const conversion = await convertDataset({
    ...rest,
    ...(source === undefined ? {} : { source }),
    ...(valEvery === undefined ? {} : { holdOutEvery: valEvery }),
  });
  printWarnings(terminal, conversion.warnings);
  for (const line of describe(conversion)) terminal.print(line);
}

function describe({ dataYaml, names, splits, notes, leftOut }: Conversion): string[] {
  const parts = Object.entries(splits).map(
    ([split, { images, objects }]) => `${split}: ${count(images, 'image')}, ${count(objects, 'object')}`,
  );
  const missing = leftOut.length > 0 ? [`left out: ${leftOut.join(', ')}`] : [];
  const classes = `${count(names.length, 'class', 'classes')}: ${names.join(', ')}`;
  return [...notes, ...parts, ...missing, classes, dataYaml];
}

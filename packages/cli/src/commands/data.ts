/** `froyolo data convert`: annotations in other formats to the layout that training reads. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Conversion, type ConvertVocOptions, convertVoc } from '@froyolo/data/node';
import { type CommandContext, type CommandEntry, createCommand } from '../args/command.js';
import { UsageError } from '../errors.js';
import { count } from '../output/format.js';
import { printWarnings } from '../output/warnings.js';

interface ConvertFlags {
  readonly annotations?: string;
  readonly images?: string;
  readonly imageSets?: string;
  readonly out: string;
  readonly classes?: readonly string[];
}

export function createDataCommand(context: CommandContext): CommandEntry {
  const entry = createCommand('data', 'Datasets: convert');
  const convert = createCommand('convert', 'Convert Pascal VOC annotations to a YOLO dataset').command;
  convert
    .argument('[folder]', 'VOC folder with Annotations, JPEGImages and, where there are sets, ImageSets/Main')
    .option('--annotations <folder>', 'XML files (default: Annotations in the folder)')
    .option('--images <folder>', 'images (default: JPEGImages in the folder)')
    .option('--image-sets <folder>', 'train.txt, val.txt, test.txt (default: ImageSets/Main in the folder)')
    .requiredOption('--out <folder>', 'where the dataset goes')
    .option('--classes <names...>', 'classes in order; others are left out (default: all, by name)')
    .action((folder: string | undefined, flags: ConvertFlags) => runConvert(context, folder, flags));
  entry.command.addCommand(convert);
  return entry;
}

async function runConvert(
  { terminal }: CommandContext,
  folder: string | undefined,
  flags: ConvertFlags,
): Promise<void> {
  const conversion = await convertVoc(vocOptions(folder, flags));
  printWarnings(terminal, conversion.warnings);
  for (const line of describe(conversion)) terminal.print(line);
}

function vocOptions(folder: string | undefined, flags: ConvertFlags): ConvertVocOptions {
  const { annotations = inside(folder, 'Annotations'), images = inside(folder, 'JPEGImages') } = flags;
  if (!annotations || !images)
    throw new UsageError('name the VOC folder, or both --annotations and --images');
  const sets = flags.imageSets ?? inside(folder, 'ImageSets', 'Main');
  const imageSets = flags.imageSets || (sets && existsSync(sets)) ? sets : undefined;
  const { out, classes } = flags;
  return { annotations, images, out, ...(imageSets ? { imageSets } : {}), ...(classes ? { classes } : {}) };
}

function inside(folder: string | undefined, ...parts: string[]): string | undefined {
  return folder === undefined ? undefined : join(folder, ...parts);
}

function describe({ dataYaml, names, splits }: Conversion): string[] {
  const parts = Object.entries(splits).map(
    ([split, { images, objects }]) => `${split}: ${count(images, 'image')}, ${count(objects, 'object')}`,
  );
  return [...parts, `${count(names.length, 'class', 'classes')}: ${names.join(', ')}`, dataYaml];
}

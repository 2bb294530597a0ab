/** `froyolo data convert`: annotations in other formats to the layout that training reads. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Conversion,
  type ConvertVocOptions,
  convertCoco,
  convertVoc,
  findCoco,
} from '@froyolo/data/node';
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
  const convert = createCommand(
    'convert',
    'Convert Pascal VOC or COCO annotations to a YOLO dataset',
  ).command;
  convert
    .argument(
      '[source]',
      'VOC folder (Annotations, JPEGImages and, where there are sets, ImageSets/Main), COCO folder ' +
        '(annotations/instances_*.json, or _annotations.coco.json beside the images of each split), or a COCO file',
    )
    .option('--annotations <folder>', 'VOC: XML files (default: Annotations in the folder)')
    .option('--images <folder>', 'images (default: where VOC or COCO has them)')
    .option(
      '--image-sets <folder>',
      'VOC: train.txt, val.txt, test.txt (default: ImageSets/Main in the folder)',
    )
    .requiredOption('--out <folder>', 'where the dataset goes')
    .option('--classes <names...>', 'VOC: classes in order; others are left out (default: all, by name)')
    .action((source: string | undefined, flags: ConvertFlags) => runConvert(context, source, flags));
  entry.command.addCommand(convert);
  return entry;
}

async function runConvert(
  { terminal }: CommandContext,
  source: string | undefined,
  flags: ConvertFlags,
): Promise<void> {
  const conversion = await convert(source, flags);
  printWarnings(terminal, conversion.warnings);
  for (const line of describe(conversion)) terminal.print(line);
}

async function convert(source: string | undefined, flags: ConvertFlags): Promise<Conversion> {
  const splits = source === undefined ? undefined : await findCoco(source, flags.images);
  if (!splits) return convertVoc(vocOptions(source, flags));
  const vocOnly = (['annotations', 'imageSets', 'classes'] as const).find(
    (name) => flags[name] !== undefined,
  );
  if (vocOnly)
    throw new UsageError(
      `--${vocOnly === 'imageSets' ? 'image-sets' : vocOnly} is for VOC; ${source} is COCO`,
    );
  return convertCoco({ splits, out: flags.out });
}

function vocOptions(folder: string | undefined, flags: ConvertFlags): ConvertVocOptions {
  const { annotations = inside(folder, 'Annotations'), images = inside(folder, 'JPEGImages') } = flags;
  if (!annotations || !images)
    throw new UsageError('name the VOC folder, or both --annotations and --images; or a COCO folder or file');
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

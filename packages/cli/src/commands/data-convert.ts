/** `froyolo data convert`: annotations in other formats to the layout that training reads. */
import { type Conversion, convertDataset } from '@froyolo/data/node';
import type { Given } from '../args/options.js';
import type { CommandContext } from '../context.js';
import { UsageError } from '../errors.js';
import { count } from '../output/format.js';
import { printWarnings } from '../output/warnings.js';

export async function runConvert(
  { terminal }: CommandContext,
  given: Given<'data convert'>,
  [source]: readonly string[],
): Promise<void> {
  const { out, classes, valEvery, annotations, images, imageSets, existOk, keepCrowds } = given;
  if (out === undefined) throw new UsageError('--out is missing: name the folder of the new dataset');
  if (source === undefined && !(annotations && images))
    throw new UsageError('name a folder, zip or COCO file to convert, or both --annotations and --images');
  const conversion = await convertDataset({
    out,
    annotations,
    images,
    imageSets,
    existOk,
    keepCrowds,
    source,
    ...(classes === undefined ? {} : { classes: commaSeparated([classes].flat()) }),
    ...(valEvery === undefined ? {} : { holdOutEvery: valEvery }),
  });
  printWarnings(terminal, conversion.warnings);
  for (const line of describe(conversion)) terminal.print(line);
}

/** Names that are given one by one or with commas between. */
function commaSeparated(texts: readonly string[]): string[] {
  return texts
    .flatMap((text) => text.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function describe({ dataYaml, names, splits, notes, leftOut }: Conversion): string[] {
  const parts = Object.entries(splits).map(
    ([split, { images, objects }]) => `${split}: ${count(images, 'image')}, ${count(objects, 'object')}`,
  );
  const missing = leftOut.length > 0 ? [`left out: ${leftOut.join(', ')}`] : [];
  const classes = `${count(names.length, 'class', 'classes')}: ${names.join(', ')}`;
  return [...notes, ...parts, ...missing, classes, dataYaml];
}

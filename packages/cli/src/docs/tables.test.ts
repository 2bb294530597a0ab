/** Holds the documents to the table of settings: `pnpm docs:flags` writes them anew. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rowsIn } from '@froyolo/run/settings';
import { expect, test } from 'vitest';
import { COMMANDS } from '../commands.js';
import { FLAGS } from '../flags.js';
import { featureTable, flagTable, withTables } from './tables.js';

const root = join(import.meta.dirname, '../../../..');

test.each([
  ['docs/cli.md', 'flags', flagTable],
  ['FEATURES.md', 'features', featureTable],
] as const)('%s has the flags of the table of settings', async (file, kind, table) => {
  const path = join(root, file);
  await expect(withTables(readFileSync(path, 'utf8'), kind, table)).toMatchFileSnapshot(path);
});

test.each(COMMANDS)('docs/cli.md has a section on "$name" with its flags', ({ name }) => {
  const text = readFileSync(join(root, 'docs/cli.md'), 'utf8');
  const section = text.split('\n## ').find((part) => part.startsWith(`\`froyolo ${name}\``));
  expect(section).toContain(`<!-- flags: ${name} -->`);
});

/** What `--help` of the scripts of YOLOv5 v7.0 lists, in our spelling. */
const YOLOV5_FLAGS = {
  train: `weights cfg data hyp epochs batch-size imgsz rect resume nosave noval noautoanchor noplots evolve bucket cache
    image-weights device multi-scale single-cls optimizer sync-bn workers project name exist-ok quad cos-lr label-smoothing
    patience freeze save-period seed local-rank entity upload-dataset bbox-interval artifact-alias`,
  val: `data weights batch-size imgsz conf-thres iou-thres max-det task device workers single-cls augment verbose save-txt
    save-hybrid save-conf save-json project name exist-ok half dnn`,
  detect: `weights source data imgsz conf-thres iou-thres max-det device view-img save-txt save-conf save-crop nosave classes
    agnostic-nms augment visualize update project name exist-ok line-thickness hide-labels hide-conf half dnn vid-stride`,
  export: `data weights imgsz batch-size device half inplace keras optimize int8 dynamic simplify opset verbose workspace nms
    agnostic-nms topk-per-class topk-all iou-thres conf-thres include`,
  benchmarks: 'weights imgsz batch-size data device half test pt-only hard-fail',
};

test.each(Object.entries(YOLOV5_FLAGS))(
  "FEATURES.md explains every flag of YOLOv5's %s",
  (command, flags) => {
    const explained = featureTable(command);
    expect(flags.split(/\s+/).filter((flag) => !explained.includes(`\`--${flag}\``))).toEqual([]);
  },
);

test.each(COMMANDS)('the example of "$name" has flags that exist', ({ name, example }) => {
  expect(example).toMatch(new RegExp(`^froyolo ${name} `));
  const known = flagTable(name);
  expect(example.match(/--[\w-]+/g)?.filter((flag) => !known.includes(`\`${flag}`))).toEqual([]);
});

test('flags that the command line adds are those of a command that exists', () => {
  const commands = FLAGS.flatMap((row): readonly string[] => row.in).filter((name) => name !== 'page');
  expect(new Set(commands)).toEqual(
    new Set(COMMANDS.map(({ name }) => name).filter((name) => rowsIn(FLAGS, name).length > 0)),
  );
});

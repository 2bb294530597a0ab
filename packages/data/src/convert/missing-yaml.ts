/** Folders that some tools export: labels as YOLO has them, without the dataset YAML that says so. */
import type { Split } from '../dataset-yaml.js';
import { labelPathOf } from '../labels.js';
import { LIMITS } from '../limits.js';
import { entriesOf } from '../text.js';
import { splitOfPath } from './splits.js';
import { type FileTree, folderOf, withoutImageExtension } from './tree.js';

/** Files beside the labels that name the classes, one a line. */
export const CLASS_LISTS = /(^|\/)(classes\.txt|labels\.txt|[^/]*\.names)$/i;
/** Names that a message has room for. */
const SHOWN = 20;

/** What to write into a dataset YAML, in words; undefined where images have no label files. */
export async function missingYaml(tree: FileTree): Promise<string | undefined> {
  const paths = new Set(tree.paths);
  const isLabeled = (image: string) =>
    paths.has(labelPathOf(`/${image}`).slice(1)) || paths.has(`${withoutImageExtension(image)}.txt`);
  const labeled = tree.images.filter(isLabeled);
  if (labeled.length === 0) return undefined;
  const folder = (split: Split) => {
    const image = labeled.find((path) => splitOfPath(path) === split) ?? labeled[0] ?? '';
    return folderOf(image) || '.';
  };
  const lines = [`train: ${folder('train')}`, `val: ${folder('val')}`, `names: [${await namesIn(tree)}]`];
  return `the labels are YOLO's already; write a data.yaml beside them that says ${lines.map((line) => `"${line}"`).join(', ')}`;
}

async function namesIn(tree: FileTree): Promise<string> {
  const list = tree.paths.find((path) => CLASS_LISTS.test(path));
  const names = list === undefined ? [] : entriesOf(await tree.text(list, LIMITS.yamlBytes).catch(() => ''));
  if (names.length === 0) return 'names of the classes, in the order of their numbers';
  return names.slice(0, SHOWN).join(', ') + (names.length > SHOWN ? ', …' : '');
}

/** Folders that some tools export: YOLO labels without a dataset YAML. */
import type { Split } from '../dataset-yaml.js';
import { splitOfPath } from './splits.js';
import { type FileTree, folderOf } from './tree.js';
import { openYoloFolder } from './yolo-folder.js';

/** Number of names that a message lists. */
const SHOWN = 20;

/** What to do without a dataset YAML, in words; undefined where images have no label files. */
export async function missingYaml(tree: FileTree): Promise<string | undefined> {
  const found = await openYoloFolder(tree);
  if (!found) return undefined;
  const labeled = [...found.labels.keys()];
  const folder = (split: Split) => {
    const image = labeled.find((path) => splitOfPath(path) === split) ?? labeled[0] ?? '';
    return folderOf(image) || '.';
  };
  const lines = [`train: ${folder('train')}`, `val: ${folder('val')}`, `names: [${namesOf(found.names)}]`];
  return `the labels are YOLO's already, without a dataset YAML: froyolo data convert makes one, or write a data.yaml beside them that says ${lines.map((line) => `"${line}"`).join(', ')}`;
}

const namesOf = (names: readonly string[]) =>
  names.slice(0, SHOWN).join(', ') + (names.length > SHOWN ? ', …' : '');

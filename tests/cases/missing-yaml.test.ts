/** Exports of tools in YOLO's layout without a dataset YAML: what to do is said, and can be done. */
import { join } from 'node:path';
import { checkDataset, convertDataset } from '@froyolo/data/node';
import { expect, test } from 'vitest';
import { caseFolder, PICTURE } from './case-folder.js';

const LABEL = '1 0.5 0.5 0.25 0.25\n';

test.each([
  [
    'CVAT',
    { 'obj.names': 'cat\ndog\n', 'obj_train_data/a.jpg': PICTURE, 'obj_train_data/a.txt': LABEL },
    '"train: obj_train_data", "val: obj_train_data", "names: [cat, dog]"',
  ],
  [
    'Label Studio',
    { 'classes.txt': 'cat\ndog\n', 'notes.json': '{}', 'images/a.jpg': PICTURE, 'labels/a.txt': LABEL },
    '"train: images", "val: images", "names: [cat, dog]"',
  ],
  [
    'splits without names',
    {
      'images/train/a.jpg': PICTURE,
      'labels/train/a.txt': LABEL,
      'images/val/b.jpg': PICTURE,
      'labels/val/b.txt': '',
    },
    '"train: images/train", "val: images/val", "names: [class 0, class 1]"',
  ],
])('%s', async (_, files, lines) => {
  const root = await caseFolder(files);
  const message = `${root}: the labels are YOLO's already, without a dataset YAML: froyolo data convert makes one, or write a data.yaml beside them that says ${lines}`;
  await expect(checkDataset(root)).rejects.toThrow(message);
  const { dataYaml } = await convertDataset({ source: root, out: join(root, 'out') });
  expect((await checkDataset(dataYaml)).findings.filter(({ severity }) => severity === 'error')).toEqual([]);
});

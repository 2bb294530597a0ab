/** Converts COCO files that tests write. */
import { join } from 'node:path';
import { convertDataset } from '@froyolo/data/node';
import { caseFolder, linesIn, PICTURE } from './case-folder.js';

export function convert(root: string, source = root, options: object = {}) {
  return convertDataset({ source, out: join(root, 'out'), ...options });
}

/** Converts one file, beside whose images it is. */
export async function convertFile(
  text: string,
  files: Parameters<typeof caseFolder>[0] = { 'a.jpg': PICTURE },
  options: object = {},
) {
  const root = await caseFolder({ 'ann.json': text, ...files });
  const result = await convert(root, join(root, 'ann.json'), options);
  return { root, result, labels: (name = 'a') => linesIn(root, 'out/labels/train', `${name}.txt`) };
}

import { expect, test } from 'vitest';
import { normalizeFlags } from './normalize.js';

const known = {
  flags: ['--batch-size', '--imgsz', '--conf-thres', '--save-txt', '--save-conf', '--weights', '--no'],
  aliases: { '--img': '--imgsz', '--img-size': '--imgsz' },
};

test.each([
  ['underscores', ['--batch_size', '16'], ['--batch-size', '16']],
  [
    'a value after =',
    ['--batch_size=16', '--weights=my_model.pt'],
    ['--batch-size=16', '--weights=my_model.pt'],
  ],
  ['aliases', ['--img', '320', '--img_size=640'], ['--imgsz', '320', '--imgsz=640']],
  [
    'the beginning of a flag',
    ['--batch', '16', '--conf', '.3'],
    ['--batch-size', '16', '--conf-thres', '.3'],
  ],
  ['a beginning that two flags have', ['--save'], ['--save']],
  ['a flag that is the beginning of nothing', ['--epohcs', '3'], ['--epohcs', '3']],
  ['values', ['--weights', 'a_b.pt', '-1'], ['--weights', 'a_b.pt', '-1']],
  ['what follows --', ['--', '--batch_size'], ['--', '--batch_size']],
])('%s', (_, written, meant) => {
  expect(normalizeFlags(written, known)).toEqual(meant);
});

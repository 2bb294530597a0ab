import { expect, test } from 'vitest';
import { keptResults, resultsHeader, resultsRow } from './results-csv.js';

const cells = (line: string) =>
  line
    .trimEnd()
    .split(',')
    .map((cell) => cell.trim());

test('YOLOv5’s columns for its three terms', () => {
  const header = resultsHeader(['box', 'obj', 'cls']);
  expect(cells(header).join()).toBe(
    'epoch,train/box_loss,train/obj_loss,train/cls_loss,metrics/precision,metrics/recall,metrics/mAP_0.5,' +
      'metrics/mAP_0.5:0.95,val/box_loss,val/obj_loss,val/cls_loss,x/lr0,x/lr1,x/lr2,freeze',
  );
  expect(header.split(',').every((cell) => cell.trimEnd().length === 20)).toBe(true);
});

test('a row has a cell for every term of another loss, zeros where nothing was validated', () => {
  const row = resultsRow({
    epoch: 3,
    epochs: 9,
    fitness: 0,
    best: false,
    freeze: '10',
    losses: { box: 0.25, size: 0.125 },
    lr: { bias: 0.1, weight: 0.01, bn: 0.01 },
    seconds: { training: 1, waiting: 0, validation: 0 },
  });
  expect(cells(row)).toEqual([
    '3',
    '0.25',
    '0.125',
    '0',
    '0',
    '0',
    '0',
    '0',
    '0',
    '0.1',
    '0.01',
    '0.01',
    '10',
  ]);
  expect(cells(resultsHeader(['box', 'size']))).toHaveLength(cells(row).length);
});

const HEADER = resultsHeader(['box', 'obj', 'cls']);
const row = (epoch: number, freeze = '10') =>
  `${[epoch, ...Array.from({ length: 13 }, () => 0.5), freeze].join(',')}`;
const file = (...rows: string[]) => `${HEADER}${rows.join('\n')}\n`;

test('whole rows are kept as they are', () => {
  const rows = [row(0), row(1, '0 2')];
  expect(keptResults(file(...rows))).toEqual({
    columns: cells(HEADER),
    rows: rows.map((one, epoch) => ({ epoch, row: one })),
    damaged: [],
  });
  expect(keptResults('')).toEqual({ columns: [], rows: [], damaged: [] });
});

test.each<[string, string, number[]]>([
  ['a row that a kill cut off', file(row(0), row(1).slice(0, 20)), [3]],
  ['cells that are no numbers', file(row(0), row(1).replace('0.5', 'abc'), row(2)), [3]],
  ['an empty cell', file(row(0).replace('0.5', '')), [2]],
  ['a negative figure', file(row(0).replace('0.5', '-0.5'), row(1)), [2]],
  [
    'a precision above 1',
    file([0, 1, 1, 1, 17, ...Array.from({ length: 9 }, () => 0.5), '10'].join(), row(1)),
    [2],
  ],
  ['no number, infinity', file(row(0).replace('0.5', 'nan'), row(1).replace('0.5', 'inf'), row(2)), [2, 3]],
  ['an epoch again, or before', file(row(0), row(0), row(1)), [3]],
  ['a header of something else', `a,b\n${row(0)}\n`, [1, 2]],
  ['bytes', '\u0000\u0001', [1]],
])('%s is left out, and its line named', (_, text, damaged) => {
  expect(keptResults(text).damaged).toEqual(damaged);
});

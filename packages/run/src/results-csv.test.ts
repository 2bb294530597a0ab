import { expect, test } from 'vitest';
import { resultsHeader, resultsRow } from './results-csv.js';

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
    ...{ epoch: 3, epochs: 9, fitness: 0, best: false, freeze: '10' },
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

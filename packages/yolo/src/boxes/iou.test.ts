import { interpret, type Node, ops, param, tensor } from '@froyolo/core';
import { describe, expect, test } from 'vitest';
import { completeIou } from '../loss/complete-iou.js';
import { fixtureArrays, relativeError } from '../testing/goldens.js';
import { xywhToXyxy } from './boxes.js';
import { boxIou, type IouKind, pairwiseIou, type Xywh } from './iou.js';

const golden = fixtureArrays('iou');
const rows = (name: string) => {
  const { data, shape } = golden(name);
  return Array.from(
    { length: shape[0] },
    (_, i) => Array.from(data.slice(4 * i, 4 * i + 4)) as unknown as Xywh,
  );
};
const [first, second] = [rows('box1'), rows('box2')];

describe('64 pairs of boxes', () => {
  test.each<IouKind>(['iou', 'giou', 'diou', 'ciou'])('%s', (kind) => {
    const actual = first.map((a, i) => boxIou(a, second[i], kind));
    expect(relativeError(actual, golden(kind).data)).toBeLessThanOrEqual(1e-5);
  });

  test('ciou as a graph', () => {
    const boxes = (name: string) => {
      const node = param(name, [first.length, 4]);
      return { xy: ops.slice(node, 1, 0, 2), wh: ops.slice(node, 1, 2, 4) };
    };
    const outputs: Record<string, Node> = { ciou: completeIou(boxes('a'), boxes('b')) };
    const feeds = { a: tensor(first.flat(), [64, 4]), b: tensor(second.flat(), [64, 4]) };
    const { ciou } = interpret(outputs, feeds);
    expect(relativeError(ciou.data, golden('ciou').data)).toBeLessThanOrEqual(1e-5);
  });

  test('every pair from corners agrees with pair by pair', () => {
    const ious = pairwiseIou(xywhToXyxy(first.flat()), xywhToXyxy(second.flat()));
    const expected = first.flatMap((a) => second.map((b) => boxIou(a, b)));
    expect(relativeError(ious, expected)).toBeLessThanOrEqual(1e-5);
  });
});

test('empty boxes give numbers', () => {
  const empty: Xywh = [1, 1, 0, 0];
  for (const kind of ['iou', 'giou', 'diou', 'ciou'] as const)
    expect(Number.isFinite(boxIou(empty, empty, kind)), kind).toBe(true);
});

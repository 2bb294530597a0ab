import { readArrays, relativeError } from '@froyolo/testing';
import { describe, expect, test } from 'vitest';
import { xywhToXyxy } from './boxes.js';
import { boxIou, type IouKind, pairwiseIou, type Xywh } from './iou.js';

const golden = readArrays(new URL('./fixtures/iou.safetensors', import.meta.url));
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

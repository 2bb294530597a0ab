import { boxIou, type Xywh } from '@froyolo/boxes';
import { interpret, type Node, ops, param, tensor } from '@froyolo/core';
import { Rng } from '@froyolo/data';
import { relativeError } from '@froyolo/testing';
import { expect, test } from 'vitest';
import { completeIou } from './complete-iou.js';

const PAIRS = 64;

test('the graph gives what `boxIou` gives for each pair', () => {
  const rng = new Rng(0);
  const between = (low: number, high: number) => low + (high - low) * rng.random();
  const box = (): Xywh => [between(0, 5), between(0, 5), between(0.5, 6), between(0.5, 6)];
  const rows = () => Array.from({ length: PAIRS }, box);
  const [first, second] = [rows(), rows()];
  const boxes = (name: string) => {
    const node = param(name, [PAIRS, 4]);
    return { xy: ops.slice(node, 1, 0, 2), wh: ops.slice(node, 1, 2, 4) };
  };
  const outputs: Record<string, Node> = { ciou: completeIou(boxes('a'), boxes('b')) };
  const feeds = { a: tensor(first.flat(), [PAIRS, 4]), b: tensor(second.flat(), [PAIRS, 4]) };
  const expected = first.map((a, i) => boxIou(a, second[i], 'ciou'));
  expect(relativeError(interpret(outputs, feeds).ciou.data, expected)).toBeLessThanOrEqual(1e-5);
});

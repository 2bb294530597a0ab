import { expect, test } from 'vitest';
import { faintConfidence, likelyConfidence } from './likely-confidence.js';

const box = (x: number, confidence: number, classId = 0) => ({
  classId,
  confidence,
  box: [x, 0, x + 10, 10] as const,
});

test('the confidence lies above what is wrong and below what is right', () => {
  const found = [box(0, 0.9), box(100, 0.7), box(200, 0.6), box(300, 0.4), box(400, 0.3)];
  const boxes = [0, 100, 200].map((x) => box(x, 1));
  expect(likelyConfidence([{ boxes, found }])).toBe(0.45);
});

test('a second box on the same object and a box of another class are wrong', () => {
  const boxes = [box(0, 1), box(100, 1, 1)];
  const found = [box(0, 0.8), box(1, 0.5), box(100, 0.4, 0), box(100, 0.7, 1)];
  expect(likelyConfidence([{ boxes, found }])).toBe(0.55);
});

test('the longer it takes to draw a box, the more wrong ones are put up with', () => {
  const boxes = [box(0, 1), box(100, 1)];
  const found = [box(0, 0.8), box(200, 0.6), box(300, 0.6), box(100, 0.3)];
  expect(likelyConfidence([{ boxes, found }])).toBe(0.65);
  expect(likelyConfidence([{ boxes, found }], 5)).toBe(0.05);
});

test('where nothing is right there is none', () => {
  expect(likelyConfidence([{ boxes: [box(0, 1)], found: [box(50, 0.9)] }])).toBeUndefined();
  expect(likelyConfidence([])).toBeUndefined();
});

test('faint ones begin at a third of the confidence, but not everything is worth a look', () => {
  expect([0.9, 0.6, 0.5, 0.25, 0.1].map((least) => faintConfidence([], least))).toEqual([
    0.3, 0.2, 0.15, 0.1, 0.1,
  ]);
});

test('where hardly any are right, pictures say so: the more the clearer', () => {
  const wrong = (count: number, confidence: number) =>
    Array.from({ length: count }, (_, i) => box(100 * (i + 1), confidence));
  const boxes = [box(0, 1)];
  const few = [box(0, 0.9), ...wrong(20, 0.35)];
  expect(faintConfidence([{ boxes, found: few }], 0.9)).toBe(0.3);
  const many = [box(0, 0.9), ...wrong(200, 0.35), ...wrong(20, 0.6)];
  expect(faintConfidence([{ boxes, found: many }], 0.9)).toBe(0.4);
  expect(faintConfidence([{ boxes, found: wrong(200, 0.88) }], 0.9)).toBe(0.9);
});

test('a faint one of another class saves drawing a box', () => {
  const boxes = Array.from({ length: 10 }, (_, i) => box(100 * i, 1));
  const wrong = Array.from({ length: 60 }, (_, i) => box(100 * i + 50, 0.35));
  const found = [...wrong, ...boxes.map(({ box: at }) => ({ classId: 1, confidence: 0.35, box: at }))];
  expect(faintConfidence([{ boxes, found }], 0.9)).toBe(0.3);
  expect(faintConfidence([{ boxes, found: wrong }], 0.9)).toBe(0.4);
});

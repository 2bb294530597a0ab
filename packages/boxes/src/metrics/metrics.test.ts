import { readArrays } from '@froyolo/testing';
import { describe, expect, test } from 'vitest';
import { apPerClass, type ClassAp } from './average-precision.js';
import { ConfusionMatrix } from './confusion-matrix.js';
import { IOU_THRESHOLDS, matchDetections } from './match.js';

describe('average precision of 500 detections', () => {
  const golden = readArrays(new URL('../fixtures/metrics.safetensors', import.meta.url));
  const { classes } = apPerClass({
    correct: golden('tp').data,
    confidence: golden('conf').data,
    predictedClass: golden('pred_cls').data,
    targetClass: golden('target_cls').data,
    thresholds: 10,
  });

  test('classes and counts', () => {
    expect(classes.map((c) => c.classId)).toEqual(Array.from(golden('classes').data));
    expect(classes.map((c) => c.truePositives)).toEqual(Array.from(golden('tp_count').data));
    expect(classes.map((c) => c.falsePositives)).toEqual(Array.from(golden('fp_count').data));
  });

  test.each<keyof ClassAp>(['precision', 'recall', 'f1'])('%s', (name) => {
    classes.forEach((c, i) => {
      expect(Math.abs((c[name] as number) - golden(name).data[i])).toBeLessThanOrEqual(1e-9);
    });
  });

  test('AP at every threshold', () => {
    classes.forEach((c, i) => {
      c.ap.forEach((ap, t) => {
        expect(Math.abs(ap - golden('ap').data[10 * i + t])).toBeLessThanOrEqual(1e-9);
      });
    });
  });
});

test('a class without detections has an AP of 0, one without labels is left out', () => {
  const { classes } = apPerClass({
    correct: [1, 1],
    confidence: [0.9, 0.8],
    predictedClass: [0, 2],
    targetClass: [1, 0],
    thresholds: 1,
  });
  expect(classes.map(({ classId, labels, ap }) => [classId, labels, Math.round(1e3 * ap[0]) / 1e3])).toEqual([
    [0, 1, 0.995],
    [1, 1, 0],
  ]);
});

test('a class with more detections than a call takes arguments', () => {
  const count = 200_000;
  const { classes } = apPerClass({
    correct: new Uint8Array(count).fill(1, 0, 1),
    confidence: Float64Array.from({ length: count }, (_, i) => 1 - i / count),
    predictedClass: new Uint8Array(count),
    targetClass: [0],
    thresholds: 1,
  });
  expect(classes[0].ap[0]).toBeCloseTo(0.995, 6);
});

test('nothing at all gives no classes', () => {
  const none = { correct: [], confidence: [], predictedClass: [], targetClass: [], thresholds: 10 };
  expect(apPerClass(none).classes).toEqual([]);
});

describe('matching', () => {
  /** Correct at 0.5, …, how many thresholds a detection passes. */
  const passed = (detections: number[][], labels: number[][]) => {
    const correct = matchDetections(detections.flat(), labels.flat());
    return detections.map((_, i) => correct.slice(10 * i, 10 * i + 10).reduce((a, b) => a + b, 0));
  };
  const label = [3, 0, 0, 10, 10];

  test('ten thresholds from 0.5 to 0.95', () => {
    expect(IOU_THRESHOLDS.map((t) => t.toFixed(2)).join(' ')).toBe(
      '0.50 0.55 0.60 0.65 0.70 0.75 0.80 0.85 0.90 0.95',
    );
  });

  test('a detection is right up to its IoU, and only with the right class', () => {
    expect(passed([[0, 0, 10, 10, 0.9, 3]], [label])).toEqual([10]);
    expect(passed([[0, 0, 10, 7.2, 0.9, 3]], [label])).toEqual([5]);
    expect(passed([[0, 0, 10, 10, 0.9, 2]], [label])).toEqual([0]);
  });

  test('a label counts once, for the first detection', () => {
    expect(
      passed(
        [
          [0, 0, 10, 7.7, 0.9, 3],
          [0, 0, 10, 10, 0.8, 3],
        ],
        [label],
      ),
    ).toEqual([6, 4]);
  });

  test('a detection takes the label that it overlaps most', () => {
    const other = [3, 0, 0, 10, 8];
    expect(
      passed(
        [
          [0, 0, 10, 8, 0.9, 3],
          [0, 0, 10, 10, 0.8, 3],
        ],
        [label, other],
      ),
    ).toEqual([10, 10]);
  });

  test('no labels or no detections', () => {
    expect(passed([[0, 0, 10, 10, 0.9, 3]], [])).toEqual([0]);
    expect(matchDetections([], label)).toHaveLength(0);
  });
});

test('in the confusion matrix a detection has one label, the one that it overlaps most, or none', () => {
  const matrix = new ConfusionMatrix({ numClasses: 2 });
  const labels = [
    [0, 0, 0, 10, 10],
    [1, 0, 4, 10, 14],
  ];
  const detections = [
    [0, 0, 10, 10, 0.5, 0],
    [0, 2, 10, 10, 0.9, 0],
  ];
  matrix.add(detections.flat(), labels.flat());
  // The second overlaps the second label by 0.5, but the first label by more: it is lost to the first detection.
  expect(Array.from(matrix.counts)).toEqual([1, 0, 1, 0, 0, 0, 0, 1, 0]);
});

test('the confusion matrix counts detections by row and labels by column, background last', () => {
  const matrix = new ConfusionMatrix({ numClasses: 2 });
  const labels = [
    [0, 0, 0, 10, 10],
    [1, 20, 20, 30, 30],
    [1, 50, 50, 60, 60],
  ];
  const detections = [
    [0, 0, 10, 10, 0.9, 0],
    [20, 20, 30, 30, 0.8, 0],
    [80, 80, 90, 90, 0.7, 1],
    [50, 50, 60, 60, 0.2, 1],
  ];
  matrix.add(detections.flat(), labels.flat());
  expect(Array.from(matrix.counts)).toEqual([1, 1, 0, 0, 0, 1, 0, 1, 0]);
  matrix.add([80, 80, 90, 90, 0.7, 1], []);
  matrix.add([], [0, 0, 0, 10, 10]);
  expect(Array.from(matrix.counts)).toEqual([1, 1, 0, 0, 0, 2, 1, 1, 0]);
});

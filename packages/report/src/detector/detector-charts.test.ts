import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apPerClass, ConfusionMatrix, type ValidationDetails } from '@froyolo/boxes';
import { expect, test } from 'vitest';
import { renderChart } from '../chart.js';
import { labelsChart, resultsChart } from './training-charts.js';
import { validationCharts } from './validation-charts.js';
import { writeCharts } from './write-charts.js';

const names = ['red cell', 'white <cell>', 'platelet'];

/** Figures of 60 detections of three classes; confident ones are right more often. */
function details(): ValidationDetails {
  const n = 60;
  const wave = (i: number) => (Math.sin(i * 12.9898) + 1) / 2;
  const confidence = Array.from({ length: n }, (_, i) => 1 - i / n);
  const { classes } = apPerClass({
    correct: confidence.map((c, i) => (wave(i) < c ? 1 : 0)),
    confidence,
    predictedClass: confidence.map((_, i) => i % 3),
    targetClass: confidence.map((_, i) => i % 3),
    thresholds: 1,
  });
  const matrix = new ConfusionMatrix({ numClasses: 3 });
  for (let i = 0; i < 10; i++) matrix.add([0, 0, 10, 10, 0.9, i % 4 === 0 ? 1 : 0], [0, 0, 0, 10, 10]);
  matrix.add([50, 50, 60, 60, 0.9, 2], [1, 0, 0, 10, 10]);
  return {
    curves: classes.map(({ curves, classId, ap }) => ({
      ...curves,
      classId,
      name: names[classId],
      mAP50: ap[0],
    })),
    confusion: { size: matrix.size, counts: [...matrix.counts] },
  };
}

test("the charts of a validation, by the names of YOLOv5's files", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'froyolo-charts-'));
  const charts = validationCharts(details(), names);
  await writeCharts(folder, charts);
  expect((await readdir(folder)).sort()).toEqual([
    'F1_curve.png',
    'PR_curve.png',
    'P_curve.png',
    'R_curve.png',
    'confusion_matrix.png',
  ]);
  await rm(folder, { recursive: true });
  const matrix = (await renderChart(charts.confusion_matrix)).svg;
  for (const text of ['red cell', 'white &lt;cell&gt;', 'background', '0.70', '0.30'])
    expect(matrix).toContain(text);
  const mean = details().curves.reduce((sum, { mAP50 }) => sum + mAP50, 0) / 3;
  expect((await renderChart(charts.PR_curve)).svg).toContain(`mAP50 of all classes ${mean.toFixed(3)}`);
  expect((await renderChart(charts.F1_curve)).svg).toMatch(
    /all classes: at most 0\.\d\d, at confidence 0\.\d+/,
  );
});

test('nothing to draw where no class occurs', () => {
  expect(
    validationCharts({ curves: [], confusion: { size: 4, counts: new Array(16).fill(0) } }, names),
  ).toEqual({});
});

test('results by epoch; epochs without validation have no point in its panels', async () => {
  const columns = ['epoch', 'train/box_loss', 'metrics/mAP_0.5', 'val/box_loss', 'freeze'];
  const csv = [columns.join(',   '), '0, 0.1, 0, 0, 0-4 model.9', '1, 0.09, 0.4, 0.05, 5'].join('\n');
  const { vconcat } = resultsChart(csv) as unknown as { vconcat: { hconcat: PanelData[] }[] };
  const values = (row: number, column: number) => vconcat[row].hconcat[column].data.values;
  expect(values(0, 0)).toEqual([
    { epoch: 1, value: 0.1 },
    { epoch: 2, value: 0.09 },
  ]);
  // After the losses of the terms, here one.
  expect(values(1, 1)).toEqual([{ epoch: 2, value: 0.4 }]);
  expect((await renderChart(resultsChart(csv))).svg).toContain('mAP_0.5:0.95');
});

interface PanelData {
  readonly data: { readonly values: readonly Record<string, number>[] };
}

test('labels: objects of each class, their centers and sizes', async () => {
  const labels = [
    Float32Array.of(0, 0.5, 0.5, 0.1, 0.2, 2, 1, 1, 0.3, 0.3),
    Float32Array.of(0, 0.51, 0.51, 0.1, 0.2),
  ];
  const chart = labelsChart(labels, names);
  const { hconcat } = chart as unknown as { hconcat: PanelData[] };
  expect(hconcat[0].data.values.map(({ count }) => count)).toEqual([2, 0, 1]);
  expect(hconcat[1].data.values.map(({ x, count }) => [x, count])).toEqual([
    [0.5, 2],
    [0.975, 1],
  ]);
  expect((await renderChart(chart)).svg).toContain('Objects by class');
});

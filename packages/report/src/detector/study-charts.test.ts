import { expect, test, vi } from 'vitest';
import { renderChart } from '../chart.js';
import { evolveChart } from './evolve-chart.js';
import { sizeStudyChart } from './size-study-chart.js';

test('a panel for each hyperparameter, the best generation marked', async () => {
  const generations = [0.1, 0.3, 0.2].map((fitness, i) => ({
    genome: { lr0: 0.01 * (i + 1), scale: 0.5 },
    fitness,
  }));
  const warn = vi.spyOn(console, 'warn');
  const { svg } = await renderChart(evolveChart(generations, 1));
  for (const text of ['lr0 = 0.02', 'scale = 0.5', '3 generations']) expect(svg).toContain(text);
  expect(warn).not.toHaveBeenCalled();
  warn.mockRestore();
});

test('accuracy over time, a line for each detector and a size at each point', async () => {
  const points = [256, 384].map((imgsz, i) => ({
    imgsz,
    mAP50_95: 0.3 + 0.1 * i,
    milliseconds: 5 * (i + 1),
  }));
  const studies = ['n', 's'].map((name) => ({ name: `coco_yolov5${name}`, points }));
  const { svg } = await renderChart(sizeStudyChart(studies));
  for (const text of ['coco_yolov5n', 'coco_yolov5s', '>384<']) expect(svg).toContain(text);
});

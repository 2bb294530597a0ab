import sharp from 'sharp';
import { expect, test } from 'vitest';
import { renderChart, type TopLevelSpec } from './chart.js';

const spec: TopLevelSpec = {
  $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
  width: 200,
  height: 100,
  data: { values: [1, 2, 3].map((x) => ({ x, y: x * x })) },
  mark: 'line',
  encoding: {
    x: { field: 'x', type: 'quantitative', title: 'Epoch' },
    y: { field: 'y', type: 'quantitative', title: 'Loss <box>' },
  },
};

test('a chart is an SVG document and a PNG of twice its size', async () => {
  const { svg, png } = await renderChart(spec);
  const [, width, height] = /<svg[^>]* width="(\d+)" height="(\d+)"/.exec(svg)!.map(Number);
  expect(svg).toContain('Epoch');
  expect(svg).toContain('Loss &lt;box&gt;');
  expect(await sharp(png).metadata()).toMatchObject({
    format: 'png',
    width: 2 * width,
    height: 2 * height,
  });
});

test('a chart loads nothing', async () => {
  const drawn = (svg: string) => /role-mark marks.*?<path[^>]* d="M/.test(svg);
  expect(drawn((await renderChart(spec)).svg)).toBe(true);
  expect(drawn((await renderChart({ ...spec, data: { url: 'package.json' } })).svg)).toBe(false);
});

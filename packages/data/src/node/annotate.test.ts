import { expect, test } from 'vitest';
import { createImage } from '../image.js';
import { classColor, textColor } from '../palette.js';
import { annotateImage, annotationSvg } from './annotate.js';

test('draws the frame in its color and leaves the rest alone', async () => {
  const image = createImage(120, 100, 40);
  const drawn = await annotateImage(
    image,
    [{ box: [20, 40, 100, 90], label: 'cat 0.93', color: '#ff0000' }],
    2,
  );
  const at = (x: number, y: number) =>
    Array.from(drawn.data.subarray((y * 120 + x) * 3, (y * 120 + x) * 3 + 3));
  expect([drawn.width, drawn.height]).toEqual([120, 100]);
  expect(at(20, 60)).toEqual([255, 0, 0]);
  expect(at(60, 70)).toEqual([40, 40, 40]);
  expect(at(110, 95)).toEqual([40, 40, 40]);
  expect(at(21, 27)).toEqual([255, 0, 0]);
  expect(image.data.every((value) => value === 40)).toBe(true);
});

test('lines and letters follow the size of the image, letters stay readable', async () => {
  const whiteColumns = async (side: number) => {
    const box = [side * 0.2, side * 0.5, side * 0.8, side * 0.9] as const;
    const drawn = await annotateImage(createImage(side, side), [{ box, label: 'cat', color: '#ffffff' }]);
    const row = Math.round(side * 0.7);
    const line = drawn.data
      .subarray(row * side * 3, (row * side + side / 2) * 3)
      .filter((value) => value > 127);
    const tag = Array.from(
      { length: side / 2 },
      (_, y) => drawn.data[(y * side + Math.round(side * 0.2)) * 3],
    );
    return { line: line.length / 3, tag: tag.filter((value) => value > 127).length };
  };
  const [small, large] = [await whiteColumns(160), await whiteColumns(1600)];
  expect(small.line).toBeLessThanOrEqual(2);
  expect(small.tag).toBeGreaterThanOrEqual(9);
  expect(small.tag).toBeLessThanOrEqual(16);
  expect(large.line).toBeGreaterThanOrEqual(4);
  expect(large.tag).toBeGreaterThan(30);
});

test('any text is safe, and any box stays inside the image', async () => {
  const label = '<script>&"\'\u0000 \u{1F98A}';
  const svg = annotationSvg(50, 40, [{ box: [-5, -5, 500, 500], label, color: '#123456' }], 2);
  expect(svg).toContain('&lt;script&gt;&amp;&quot;&apos; \u{1F98A}');
  expect(svg).not.toContain('<script>');
  await expect(
    annotateImage(createImage(50, 40), [{ box: [-5, -5, 500, 500], label, color: '#123456' }]),
  ).resolves.toBeDefined();
});

test('80 classes have 80 colors with readable text', () => {
  const colors = Array.from({ length: 80 }, (_, i) => classColor(i));
  expect(new Set(colors).size).toBe(80);
  for (const color of colors) expect(color).toMatch(/^#[0-9a-f]{6}$/);
  expect([textColor('#ffff00'), textColor('#000080')]).toEqual(['#000000', '#ffffff']);
});

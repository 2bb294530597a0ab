import { describe, expect, test } from 'vitest';
import { boundingBox, OUTLINES, place, type ShapeClass, signedDistance } from './outlines.js';
import { createRandom } from './random.js';

const CLASSES = Object.keys(OUTLINES) as ShapeClass[];

describe('signedDistance', () => {
  test('of a disc is the distance to the center less the radius', () => {
    const disc = place(OUTLINES.circle, [10, 10], 0, [20, 30]);
    expect(signedDistance(disc, 20, 30)).toBeCloseTo(-10, 1);
    expect(signedDistance(disc, 25, 30)).toBeCloseTo(-5, 1);
    expect(signedDistance(disc, 20, 45)).toBeCloseTo(5, 1);
  });

  test('is positive in the hole of a ring', () => {
    expect(signedDistance(OUTLINES.ring, 0, 0)).toBeCloseTo(0.55, 2);
    expect(signedDistance(OUTLINES.ring, 0.8, 0)).toBeLessThan(0);
  });
});

test.each(CLASSES)('the box of a turned and stretched %s is the extent of its covered points', (name) => {
  const random = createRandom(3, CLASSES.indexOf(name));
  const outline = place(OUTLINES[name], [25, 19], random.uniform(0, 6), [32, 32]);
  const found = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0, 0];
  const step = 0.125;
  for (let y = 0; y < 64; y += step) {
    for (let x = 0; x < 64; x += step) {
      if (signedDistance(outline, x, y) > 0) continue;
      found[0] = Math.min(found[0], x);
      found[1] = Math.min(found[1], y);
      found[2] = Math.max(found[2], x);
      found[3] = Math.max(found[3], y);
    }
  }
  // A sharp tip is thinner than the sampling step, hence twice the step and a little.
  for (const [i, edge] of boundingBox(outline).entries()) expect(Math.abs(edge - found[i])).toBeLessThan(0.4);
});

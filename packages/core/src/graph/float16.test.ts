import { propertySeed } from '@froyolo/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toFloat16, toFloat32 } from './float16.js';

fc.configureGlobal({ seed: propertySeed });

function halvesOf(values: readonly number[]): Uint16Array {
  const halves = new Uint16Array(values.length);
  toFloat16(Float32Array.from(values), halves);
  return halves;
}

function valuesOf(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length);
  toFloat32(halves, values);
  return values;
}

test.each([
  [0, 0x0000],
  [-0, 0x8000],
  [1, 0x3c00],
  [-2, 0xc000],
  [65504, 0x7bff],
  [65519, 0x7bff],
  [65520, 0x7bff],
  [-1e9, 0xfbff],
  [Number.POSITIVE_INFINITY, 0x7bff],
  [Number.NaN, 0x7e00],
  [2 ** -14, 0x0400],
  [2 ** -24, 0x0001],
  [2 ** -25, 0x0000],
  [2 ** -25 * 1.01, 0x0001],
  [2 ** -24 * 1.5, 0x0002],
  [1 + 2 ** -11, 0x3c00],
  [1 + 3 * 2 ** -11, 0x3c02],
  [2 ** -14 * (1 - 2 ** -12), 0x0400],
])('%d is 0x%s', (value, half) => expect(halvesOf([value])[0]).toBe(half));

test('every half comes back as it was', () => {
  const all = Uint16Array.from({ length: 65536 }, (_, i) => i).filter((half) => (half & 0x7c00) !== 0x7c00);
  expect(halvesOf([...valuesOf(all)])).toEqual(all);
});

test('no half is nearer than the one chosen', () => {
  const finite = valuesOf(Uint16Array.from({ length: 0x7c00 }, (_, i) => i));
  fc.assert(
    fc.property(fc.float({ min: -65504, max: 65504, noNaN: true }), (value) => {
      const [half] = halvesOf([value]) as [number] & Uint16Array;
      const at = half & 0x7fff;
      const distance = (i: number) => Math.abs(finite[i] - Math.abs(value));
      for (const other of [at - 1, at + 1])
        if (other >= 0 && other < finite.length) expect(distance(at)).toBeLessThanOrEqual(distance(other));
      expect(Math.sign(valuesOf(Uint16Array.of(half))[0]) * Math.sign(value)).toBeGreaterThanOrEqual(0);
    }),
  );
});

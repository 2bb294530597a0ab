import { numel } from '@froyolo/common';
import { describe, expect, test } from 'vitest';
import { CheckpointError } from './errors.js';
import { float32Tensor, type TensorData, toFloat16, toFloat32 } from './tensor.js';

const half = (...bits: number[]): TensorData => ({
  dtype: 'float16',
  shape: [bits.length],
  data: Uint16Array.from(bits),
});

describe('float16', () => {
  test('converts its corner cases exactly', () => {
    const values = toFloat32(half(0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x03ff, 0x7c00, 0xfc00, 0x8000));
    const expected = [1, -2, 65504, 2 ** -14, 2 ** -24, 1023 * 2 ** -24, Infinity, -Infinity, -0];
    expect([...values]).toEqual(expected);
  });

  test('every bit pattern survives the way to float32 and back', () => {
    const all = half(...Array.from({ length: 0x10000 }, (_, bits) => bits));
    const back = toFloat16(float32Tensor([0x10000], toFloat32(all))).data;
    const isNaN16 = (bits: number) => (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0;
    for (let bits = 0; bits < 0x10000; bits++) {
      if (isNaN16(bits)) expect(isNaN16(Number(back[bits]))).toBe(true);
      else if (back[bits] !== bits) expect(back[bits]).toBe(bits);
    }
  });

  test('rounds to nearest, ties to even', () => {
    const values = [
      1 + 2 ** -11,
      1 + 3 * 2 ** -11,
      1 + 2 ** -11 + 2 ** -20,
      65520,
      65519,
      2 ** -25,
      3 * 2 ** -25,
      1e-9,
    ];
    const rounded = toFloat16(float32Tensor([values.length], Float32Array.from(values)));
    expect([...toFloat32(rounded)]).toEqual([1, 1 + 2 ** -9, 1 + 2 ** -10, Infinity, 65504, 0, 2 ** -23, 0]);
  });
});

test('other types convert by value', () => {
  const int64: TensorData = { dtype: 'int64', shape: [2], data: BigInt64Array.from([-1n, 2n ** 40n]) };
  expect([...toFloat32(int64)]).toEqual([-1, 2 ** 40]);
  const bfloat16: TensorData = { dtype: 'bfloat16', shape: [2], data: Uint16Array.from([0x3f80, 0xff80]) };
  expect([...toFloat32(bfloat16)]).toEqual([1, -Infinity]);
});

test('a scalar has one element', () => expect(numel([])).toBe(1));

test('a shape that does not fit is refused', () => {
  expect(() => float32Tensor([2, 2], new Float32Array(3))).toThrow(CheckpointError);
});

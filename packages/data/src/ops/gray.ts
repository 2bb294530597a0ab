import type { RgbImage } from '../image.js';

/** Weights of red, green and blue in 14-bit fixed point, as OpenCV has them. */
const WEIGHTS = { red: 4899, green: 9617, blue: 1868 } as const;
const BITS = 14;

/** Replaces colors by their brightness, in place. */
export function toGray({ data }: RgbImage): void {
  for (let i = 0; i < data.length; i += 3) {
    const sum =
      Number(data[i]) * WEIGHTS.red +
      Number(data[i + 1]) * WEIGHTS.green +
      Number(data[i + 2]) * WEIGHTS.blue;
    data.fill((sum + (1 << (BITS - 1))) >> BITS, i, i + 3);
  }
}

/** IEEE 754 half precision, as bits in a `Uint16Array`: how values are stored that need not be exact. */

/** What a value becomes that is larger than 65504: that, or infinity as in PyTorch's `half()`. */
const OVERFLOWS = { saturate: 0x7bff, infinity: 0x7c00 } as const;
export type Overflow = keyof typeof OVERFLOWS;

/** Bits of the float32 values from which on a half overflows, and below which it is subnormal. */
const OVERFLOW = 0x477ff000;
const SMALLEST_NORMAL = 0x38800000;
const NOT_A_NUMBER = 0x7f800000;

/**
 * Rounds to the nearest half, ties to even. NaN stays NaN, so that a broken value can't hide.
 * @param overflow whether values beyond the largest half become that half, or infinity
 */
export function toFloat16(values: Float32Array, into: Uint16Array, overflow: Overflow = 'saturate'): void {
  const largest = OVERFLOWS[overflow];
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < bits.length; i++) {
    const sign = (bits[i] >>> 16) & 0x8000;
    const magnitude = bits[i] & 0x7fffffff;
    if (magnitude < SMALLEST_NORMAL) into[i] = sign | subnormal(values[i]);
    else if (magnitude < OVERFLOW)
      into[i] = sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
    else into[i] = sign | (magnitude > NOT_A_NUMBER ? 0x7e00 : largest);
  }
}

/** Multiples of 2⁻²⁴; ties to even too. */
function subnormal(value: number): number {
  const steps = Math.abs(value) * 2 ** 24;
  const down = Math.floor(steps);
  const rest = steps - down;
  return rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down;
}

let table: Float32Array | undefined;

/** Exact. One look-up a value: there are only 65536 halves. */
export function toFloat32(halves: Uint16Array, into: Float32Array): void {
  table ??= Float32Array.from({ length: 65536 }, (_, half) => float32Of(half));
  const values = table;
  for (let i = 0; i < halves.length; i++) into[i] = values[halves[i]];
}

function float32Of(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

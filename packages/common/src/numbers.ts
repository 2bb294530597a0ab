/** Number of elements of a shape; 1 for a scalar. */
export function numel(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Rounds to the nearest integer, halves to the even one, as Python and IEEE 754 do. */
export function roundHalfEven(x: number): number {
  const r = Math.round(x);
  return r - x === 0.5 && r % 2 !== 0 ? r - 1 : r;
}

/** Lightness of sRGB colors, and colors of another lightness: CIE L*a*b* with the white of D65. */

/** Rows of the matrix from linear RGB to XYZ, each divided by the white's component. */
const TO_XYZ = [
  [0.412453 / 0.950456, 0.35758 / 0.950456, 0.180423 / 0.950456],
  [0.212671, 0.71516, 0.072169],
  [0.019334 / 1.088754, 0.119193 / 1.088754, 0.950227 / 1.088754],
] as const;
const TO_RGB = [
  [3.240479 * 0.950456, -1.53715, -0.498535 * 1.088754],
  [-0.969256 * 0.950456, 1.875991, 0.041556 * 1.088754],
  [0.055648 * 0.950456, -0.204043, 1.057311 * 1.088754],
] as const;

const LINEAR = Float64Array.from({ length: 256 }, (_, i) => {
  const value = i / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});

const DARK = 216 / 24389;
const SLOPE = 24389 / 27;

const root = (t: number) => (t > DARK ? Math.cbrt(t) : (SLOPE * t + 16) / 116);
const power = (f: number) => (f ** 3 > DARK ? f ** 3 : (116 * f - 16) / SLOPE);
const dot = ([a, b, c]: readonly [number, number, number], x: number, y: number, z: number) =>
  a * x + b * y + c * z;

/** Lightness in 0..255 of a color in 0..255. */
export function lightnessOf(red: number, green: number, blue: number): number {
  const y = dot(TO_XYZ[1], Number(LINEAR[red]), Number(LINEAR[green]), Number(LINEAR[blue]));
  return Math.round((116 * root(y) - 16) * 2.55);
}

/** The color with another lightness in 0..255, its hue and chroma kept as far as they can be shown. */
export function withLightness(
  lightness: number,
  red: number,
  green: number,
  blue: number,
): [red: number, green: number, blue: number] {
  const linear = [Number(LINEAR[red]), Number(LINEAR[green]), Number(LINEAR[blue])] as const;
  const [fx, fy, fz] = [
    root(dot(TO_XYZ[0], ...linear)),
    root(dot(TO_XYZ[1], ...linear)),
    root(dot(TO_XYZ[2], ...linear)),
  ];
  const f = (lightness / 2.55 + 16) / 116;
  const [x, y, z] = [power(f + fx - fy), power(f), power(f + fz - fy)];
  return [
    channel(dot(TO_RGB[0], x, y, z)),
    channel(dot(TO_RGB[1], x, y, z)),
    channel(dot(TO_RGB[2], x, y, z)),
  ];
}

function channel(linear: number): number {
  const value = linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
  return Math.round(Math.min(Math.max(value, 0), 1) * 255);
}

import type { Random } from './random.js';

/** Red, green and blue, each 0 to 255. */
export type Color = readonly [number, number, number];

/** A color for every point of the image; x and y in pixels. */
export type Paint = (x: number, y: number) => Color;

/** Picks a color of any hue, by hue, saturation and lightness. */
export function randomColor(random: Random): Color {
  const hue = random.uniform(0, 6);
  const saturation = random.uniform(0.1, 1);
  const lightness = random.uniform(0.12, 0.88);
  const spread = saturation * Math.min(lightness, 1 - lightness);
  const channel = (offset: number) => {
    const k = (offset + hue * 2) % 12;
    return 255 * (lightness - spread * Math.max(-1, Math.min(k - 3, 9 - k, 1)));
  };
  return [channel(0), channel(8), channel(4)];
}

const colorDistance = (a: Color, b: Color) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

/** The first random color that stands out from `background`, or the most distant of twenty. */
export function contrastingColor(random: Random, background: Color): Color {
  let best = randomColor(random);
  for (let attempt = 0; attempt < 20 && colorDistance(best, background) < 110; attempt++) {
    const other = randomColor(random);
    if (colorDistance(other, background) > colorDistance(best, background)) best = other;
  }
  return best;
}

/** The color `t` of the way from a to b. */
export const blend = (a: Color, b: Color, t: number): Color => [
  a[0] + (b[0] - a[0]) * t,
  a[1] + (b[1] - a[1]) * t,
  a[2] + (b[2] - a[2]) * t,
];

/** Smooth noise in [0, 1]: random values on a lattice of `cell` pixels, eased in between. */
function valueNoise(random: Random, cell: number): (x: number, y: number) => number {
  const side = 64;
  const lattice = Float32Array.from({ length: side * side }, () => random.uniform(0, 1));
  const at = (x: number, y: number) => lattice[(y & (side - 1)) * side + (x & (side - 1))];
  const ease = (t: number) => t * t * (3 - 2 * t);
  return (px, py) => {
    const [x, y] = [Math.floor(px / cell), Math.floor(py / cell)];
    const [tx, ty] = [ease(px / cell - x), ease(py / cell - y)];
    const top = at(x, y) + (at(x + 1, y) - at(x, y)) * tx;
    const bottom = at(x, y + 1) + (at(x + 1, y + 1) - at(x, y + 1)) * tx;
    return top + (bottom - top) * ty;
  };
}

/** Noise of three sizes at once, the largest `cell` pixels wide. */
function cloudNoise(random: Random, cell: number): (x: number, y: number) => number {
  const [coarse, medium, fine] = [1, 0.45, 0.18].map((part) => valueNoise(random, cell * part));
  return (x, y) => 0.55 * coarse(x, y) + 0.3 * medium(x, y) + 0.15 * fine(x, y);
}

/** A texture of two colors: plain, gradient, clouds, stripes or checks. `size` is the scale in pixels. */
export function randomPaint(random: Random, a: Color, b: Color, size: number): Paint {
  const angle = random.uniform(0, 2 * Math.PI);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const along = (x: number, y: number) => x * cos + y * sin;
  const across = (x: number, y: number) => y * cos - x * sin;
  const period = size * random.uniform(0.12, 0.4);
  const wave = (v: number) => 0.5 + 0.5 * Math.max(-1, Math.min(1, 3 * Math.sin((2 * Math.PI * v) / period)));
  const kind = random.pick(['plain', 'gradient', 'clouds', 'stripes', 'checks'] as const);
  switch (kind) {
    case 'plain':
      return () => a;
    case 'gradient':
      return (x, y) => blend(a, b, 0.5 + 0.5 * Math.sin((Math.PI * along(x, y)) / size));
    case 'clouds': {
      const noise = cloudNoise(random, size * random.uniform(0.15, 0.5));
      return (x, y) => blend(a, b, noise(x, y));
    }
    case 'stripes':
      return (x, y) => blend(a, b, wave(along(x, y)));
    case 'checks':
      return (x, y) => blend(a, b, Math.abs(wave(along(x, y)) - wave(across(x, y))));
  }
}

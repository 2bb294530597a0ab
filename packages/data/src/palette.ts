/** A color as `#rrggbb`. */
export type Color = `#${string}`;

const GOLDEN_ANGLE = 137.508;

/** A color for class `index`: hues a golden angle apart, so that neighbors differ and any number of classes works. */
export function classColor(index: number): Color {
  const hue = (index * GOLDEN_ANGLE) % 360;
  const lightness = [0.5, 0.38, 0.62][Math.floor(index / 8) % 3];
  return hslToHex(hue, 0.85, lightness);
}

/** Black or white, whichever reads better on `color`. */
export function textColor(color: Color): Color {
  const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
  // Perceived brightness, ITU-R BT.601.
  return r * 0.299 + g * 0.587 + b * 0.114 > 140 ? '#000000' : '#ffffff';
}

function hslToHex(hue: number, saturation: number, lightness: number): Color {
  const reach = saturation * Math.min(lightness, 1 - lightness);
  const channel = (offset: number) => {
    const k = (offset + hue / 30) % 12;
    const value = lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return Math.round(value * 255)
      .toString(16)
      .padStart(2, '0');
  };
  return `#${channel(0)}${channel(8)}${channel(4)}`;
}

/** Black or white, whichever contrasts more with a color (`#rrggbb`): at least 4.5 to 1, as WCAG requires. */
export function textOn(color: string): '#000' | '#fff' {
  const [r, g, b] = [1, 3, 5].map((at) => linear(Number.parseInt(color.slice(at, at + 2), 16) / 255));
  const luminance = 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
  // The luminance at which black and white contrast equally.
  return luminance > 0.1791 ? '#000' : '#fff';
}

/** From sRGB to light. */
const linear = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);

/** The colors of the map "viridis" (by van der Walt and Smith, public domain) at equal distances, from low to high. */
const STOPS = [
  ...[
    [68, 1, 84],
    [72, 36, 117],
    [65, 68, 135],
    [53, 95, 141],
    [42, 120, 142],
    [33, 145, 140],
  ],
  ...[
    [34, 168, 132],
    [66, 190, 113],
    [122, 209, 81],
    [189, 223, 38],
    [253, 231, 37],
  ],
] as const;

/** The color of a value in 0..1. */
export function viridis(value: number): [red: number, green: number, blue: number] {
  const at = Math.max(0, Math.min(value, 1)) * (STOPS.length - 1);
  const index = Math.min(Math.floor(at), STOPS.length - 2);
  const [low = [], high = []] = [STOPS[index], STOPS[index + 1]];
  const mix = (channel: number) => {
    const [a = 0, b = 0] = [low[channel], high[channel]];
    return Math.round(a + (b - a) * (at - index));
  };
  return [mix(0), mix(1), mix(2)];
}

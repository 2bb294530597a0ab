/** Figures as a report writes them. */
import type { Spread } from './result-types.js';

/** `95 s`, `12.5 min`, `1.4 h`. */
export function formatDuration(seconds: number): string {
  if (seconds < 100) return `${seconds.toPrecision(2)} s`;
  if (seconds < 5940) return `${(seconds / 60).toPrecision(3)} min`;
  return `${(seconds / 3600).toPrecision(3)} h`;
}

/** Bytes in powers of 1000: `240 MB`, `1.85 GB`. */
export function formatMemory(bytes: number): string {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

/** `38 %`. */
export function formatPercent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

/** `0.529 ± 0.004`, or without the deviation of a single run. */
export function formatSpread({ mean, deviation }: Spread, format: (value: number) => string): string {
  return deviation === undefined ? format(mean) : `${format(mean)} ± ${format(deviation)}`;
}

/** Three digits after the point, as mAP is written. */
export function formatMap(value: number): string {
  return value.toFixed(3);
}

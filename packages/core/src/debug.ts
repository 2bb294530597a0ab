/** Debug output on the standard error stream, switched on by `FROYOLO_DEBUG`: docs/debugging.md. */

/** 0 unless set: in Node by the environment variable, in a browser by `globalThis.FROYOLO_DEBUG`. */
export function debugLevel(): number {
  const { FROYOLO_DEBUG: inPage } = globalThis as { FROYOLO_DEBUG?: unknown };
  const set = typeof process === 'undefined' ? inPage : (process.env?.FROYOLO_DEBUG ?? inPage);
  const level = Number(set ?? 0);
  return Number.isFinite(level) ? level : 0;
}

/** Writes a text at this debug level and above; below it the text is not computed. */
export function debug(level: number, text: () => string): void {
  if (debugLevel() >= level) console.error(text());
}

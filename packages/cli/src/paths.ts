/** Paths as they are shown. */
import { isAbsolute, relative } from 'node:path';

/** Relative to the working directory where it lies there. */
export function shortPath(path: string): string {
  const short = relative('.', path);
  return short.startsWith('..') || isAbsolute(short) ? path : short;
}

/** A path as a shell takes it. */
export function quoted(path: string): string {
  return /^[\w./:\\-]+$/.test(path) ? path : `"${path}"`;
}

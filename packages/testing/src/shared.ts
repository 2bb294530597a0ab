/** The folder `shared` beside the repository: goldens, weights and data, too large to be committed. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const SHARED = resolve(import.meta.dirname, '../../../../shared');

export const sharedPath = (path: string): string => resolve(SHARED, path);
/** For `describe.skipIf`. */
export const noShared = (path: string): boolean => !existsSync(sharedPath(path));
/** Ends the title of a test that needs the path. */
export const sharedNote = (path: string): string =>
  noShared(path) ? ` (skipped: shared/${path} is missing)` : '';

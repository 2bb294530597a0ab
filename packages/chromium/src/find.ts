/** Where Chromium is. Nothing here downloads a browser. */
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
/** Where Chrome lies on systems that don't put it on the path. */
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  join(process.env.PROGRAMFILES ?? 'C:/Program Files', 'Google/Chrome/Application/chrome.exe'),
];

/** Why there is none, for the titles of skipped tests. */
export const NO_CHROMIUM = 'no chromium or google-chrome on the path; FROYOLO_CHROMIUM may name one';

/**
 * The executable that FROYOLO_CHROMIUM names, or else the first Chromium or Chrome on the path.
 * @throws Error if FROYOLO_CHROMIUM names no file
 */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const named = env.FROYOLO_CHROMIUM;
  if (named) {
    if (existsSync(named)) return named;
    throw new Error(`FROYOLO_CHROMIUM is ${named}, which does not exist`);
  }
  const onPath = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = NAMES.flatMap((name) => onPath.map((folder) => join(folder, name)));
  return [...candidates, ...PLACES].find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

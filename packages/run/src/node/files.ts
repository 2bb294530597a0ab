/** Where a run puts its files. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A folder for a run: `project/name`, or `project/name2`, `name3`, … where that is taken.
 * @param existOk use `project/name` even if it is there
 */
export function runFolder(project: string, name: string, existOk = false): string {
  let folder = join(project, name);
  for (let n = 2; !existOk && existsSync(folder); n++) folder = join(project, `${name}${n}`);
  return folder;
}

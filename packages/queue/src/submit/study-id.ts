/** The name of a study in the queue, which stays the same when the study is continued. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomic } from '@froyolo/common/node';
import { QueueError } from '../errors.js';

export const studyFile = (folder: string) => join(folder, 'queue.json');

/**
 * The name of the study in a folder; a new one the first time.
 * @throws QueueError if `queue.json` is damaged
 */
export async function studyId(folder: string): Promise<string> {
  const file = studyFile(folder);
  if (existsSync(file)) return readId(await readFile(file, 'utf8'), file);
  const study = randomUUID();
  await writeAtomic(file, `${JSON.stringify({ study })}\n`);
  return study;
}

function readId(text: string, file: string): string {
  const [, study] = /^\{"study":"([0-9a-f-]{36})"\}\s*$/.exec(text) ?? [];
  if (study === undefined)
    throw new QueueError(`${file} is damaged; delete it: runs that aren't finished are submitted again`);
  return study;
}

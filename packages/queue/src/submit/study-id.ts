/** The name of a study in the queue, which stays the same when the study is continued. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomic } from '@froyolo/common/node';
import { readTextBounded } from '@froyolo/data/node';
import { QueueError } from '../errors.js';

/** Bytes of a name's file, far more than it has. */
const MOST = 1000;

export const studyFile = (folder: string) => join(folder, 'queue.json');

/**
 * The name of the study in a folder; a new one the first time.
 * @throws QueueError if `queue.json` is damaged
 */
export async function studyId(folder: string): Promise<string> {
  const file = studyFile(folder);
  if (existsSync(file)) return readId(await readTextBounded(file, MOST).catch(() => ''), file);
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

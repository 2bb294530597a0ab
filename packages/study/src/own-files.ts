/** Reads files that a study has written, bounded and checked like untrusted files. */
import { LIMITS } from '@froyolo/data';
import { readTextBounded, reasonOf } from '@froyolo/data/node';
import { IN_WORDS } from '@froyolo/errors';
import type { z } from 'zod';
import { StudyError } from './errors.js';

/** @throws StudyError naming the file, if it is too large, a folder or unreadable */
export function readText(file: string, limit: number = LIMITS.resultsBytes): Promise<string> {
  return readTextBounded(file, limit).catch((error: unknown) => {
    throw new StudyError(`${file}: can't be read: ${reasonOf(error)}`);
  });
}

/**
 * @param advice what to do when the file is damaged
 * @throws StudyError naming the file, and where in it
 */
export async function readJson<T>(file: string, schema: z.ZodType<T>, advice: string): Promise<T> {
  const result = schema.safeParse(jsonOf(await readText(file, LIMITS.stateBytes), file, advice), IN_WORDS);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue && issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
  throw new StudyError(`${file}: ${where}${issue?.message ?? 'it has another form'}; ${advice}`);
}

function jsonOf(text: string, file: string, advice: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new StudyError(`${file} can't be read as JSON (${reasonOf(error)}); ${advice}`);
  }
}

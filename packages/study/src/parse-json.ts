import type { z } from 'zod';
import { StudyError } from './errors.js';

/**
 * Reads JSON that we wrote, checked like foreign JSON.
 * @param advice what the user can do if it is damaged
 * @throws StudyError naming the file, and where in it
 */
export function parseJson<T>(text: string, schema: z.ZodType<T>, file: string, advice: string): T {
  const result = schema.safeParse(jsonOf(text, file, advice));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue && issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
  throw new StudyError(`${file}: ${where}${issue?.message ?? 'it has another form'}; ${advice}`);
}

function jsonOf(text: string, file: string, advice: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StudyError(`${file} can't be read as JSON (${reason}); ${advice}`);
  }
}

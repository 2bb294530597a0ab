/** JSON of others. */
import { LabelError } from '../errors.js';

/**
 * Parses JSON; `NaN` and `Infinity`, which Python writes, count as null.
 * @throws LabelError
 */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const repaired = withoutNaN(text);
    if (repaired !== text) return parseJson(repaired, file);
    throw new LabelError(
      file,
      undefined,
      `can't be read as JSON: ${error instanceof Error ? error.message : error}`,
    );
  }
}

function withoutNaN(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g, (part) =>
    part.startsWith('"') ? part : 'null',
  );
}

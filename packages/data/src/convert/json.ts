/** JSON from other programs. */
import { reasonOf } from '@froyolo/errors';
import { LabelError } from '../errors.js';
import { isGarbled } from '../text.js';

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
      `can't be read as JSON: ${isText(text) ? reasonOf(error) : 'it is no text'}`,
    );
  }
}

/** Detects binary files by characters that text never contains. */
const isText = (text: string) => !text.slice(0, 1000).includes('\0') && !isGarbled(text.slice(0, 1000));

function withoutNaN(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g, (part) =>
    part.startsWith('"') ? part : 'null',
  );
}

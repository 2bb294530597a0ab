import { type Document, isScalar, LineCounter, parseDocument, type YAMLParseError } from 'yaml';
import { ConfigError } from './errors.js';
import { LIMITS, mebibytes } from './limits.js';
import { linesOf } from './text.js';

type Path = readonly (string | number)[];

/** A parsed YAML file that still knows where each key stands. */
export interface YamlFile {
  readonly value: unknown;
  /** The line (from 1) of the value at `path`, or of the nearest parent that exists. */
  lineOf(path: Path): number | undefined;
  /** The text of the scalar at `path` as it stands in the file, unquoted: `02146`, not 2146. */
  sourceOf(path: Path): string | undefined;
}

/**
 * Parses YAML as data only. A syntax error, a repeated key, or a file that is too large, too deep or unfolds by aliases
 * is a {@link ConfigError} with its line.
 */
export function parseYaml(text: string, file: string): YamlFile {
  checkBounds(text, file);
  const lineCounter = new LineCounter();
  const document = parsed(text, file, lineCounter);
  const problem = document.errors[0];
  if (problem) throw new ConfigError(file, lineCounter.linePos(problem.pos[0]).line, wordsFor(problem));
  return {
    value: toValue(document, file),
    lineOf(path) {
      for (let length = path.length; length > 0; length--) {
        const start = rangeStart(document.getIn(path.slice(0, length), true));
        if (start !== undefined) return lineCounter.linePos(start).line;
      }
      return undefined;
    },
    sourceOf(path) {
      const node = document.getIn(path, true);
      return isScalar(node) ? (node.source ?? String(node.value)) : undefined;
    },
  };
}

function parsed(text: string, file: string, lineCounter: LineCounter): Document.Parsed {
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false, logLevel: 'error' });
  } catch (error) {
    throw new ConfigError(file, undefined, `can't be read as YAML: ${reason(error)}`);
  }
}

/** The parser's advice is for programs. */
const wordsFor = ({ code, message }: YAMLParseError) =>
  code === 'MULTIPLE_DOCS' ? 'a second document begins ("---"): one is read; take the others out' : message;

function toValue(document: Document.Parsed, file: string): unknown {
  try {
    const value: unknown = document.toJS();
    // What contains itself, by an alias, is no tree: this throws.
    JSON.stringify(value);
    return value;
  } catch (error) {
    // An alias without an anchor, or aliases that unfold to more than the parser allows.
    const what = error instanceof TypeError ? 'a list or map contains itself' : reason(error);
    throw new ConfigError(file, undefined, `can't be used as YAML: ${what}`);
  }
}

const reason = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** The parser recurses: what is too deep for it is found before. */
function checkBounds(text: string, file: string): void {
  if (text.length > LIMITS.yamlBytes)
    throw new ConfigError(
      file,
      undefined,
      `has ${mebibytes(text.length)}, at most ${mebibytes(LIMITS.yamlBytes)} are read; is it the right file?`,
    );
  const line = tooDeepAt(text);
  if (line !== undefined)
    throw new ConfigError(file, line, `more than ${LIMITS.depth} lists or maps inside each other`);
}

/** The line where nesting exceeds the limit, by indentation, dashes and brackets. */
function tooDeepAt(text: string): number | undefined {
  const columns: number[] = [];
  let open = 0;
  for (const [index, line] of linesOf(text).entries()) {
    const lead = /^[ ]*(?:[-?:][ \t]+)*/.exec(line)?.[0] ?? '';
    if (lead.length === line.length && !/[-?:]/.test(lead)) continue;
    const indent = lead.length - lead.trimStart().length;
    while (columns.length > 0 && (columns.at(-1) ?? 0) >= indent) columns.pop();
    for (let at = indent; at < lead.length; at++) if (/[-?:]/.test(lead.charAt(at))) columns.push(at);
    columns.push(lead.length);
    for (const character of withoutQuotes(line)) {
      if (character === '[' || character === '{') open += 1;
      else if (character === ']' || character === '}') open = Math.max(open - 1, 0);
      if (open + columns.length > LIMITS.depth) return index + 1;
    }
    if (open + columns.length > LIMITS.depth) return index + 1;
  }
  return undefined;
}

function withoutQuotes(line: string): string {
  return line.replace(/"(?:[^"\\]|\\.)*"|'[^']*'/g, '').replace(/(^|\s)#.*$/, '');
}

function rangeStart(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range))
    return undefined;
  const start: unknown = node.range[0];
  return typeof start === 'number' ? start : undefined;
}

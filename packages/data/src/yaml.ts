import { type Document, isScalar, LineCounter, parseDocument, type YAMLParseError } from 'yaml';
import { ConfigError } from './errors.js';
import { LIMITS, mebibytes } from './limits.js';
import { linesOf } from './text.js';
import { withMerges } from './yaml-merge.js';
import { childrenOf, nodeAt, repeatedKey, targetOf } from './yaml-nodes.js';

type Path = readonly (string | number)[];

/** A parsed YAML file that still knows where each key stands. */
export interface YamlFile {
  readonly value: unknown;
  /** The line (from 1) of the value at `path`, or of the nearest parent that exists. */
  lineOf(path: Path): number | undefined;
  /**
   * The texts in the list or map at `path` as they stand in the file, unquoted: `02146`, not 2146; by index or key, undefined
   * for a list or map.
   */
  sourcesIn(path: Path): ReadonlyMap<string, string | undefined>;
}

/**
 * Parses YAML as data only; lines may end as on old Macs, and merge keys are followed. A syntax error, a repeated key, or a file that is too large, too deep or unfolds by aliases
 * is a {@link ConfigError} with its line.
 */
export function parseYaml(source: string, file: string): YamlFile {
  const text = source.replace(/\r\n?/g, '\n');
  checkBounds(text, file);
  const lineCounter = new LineCounter();
  const document = parsed(text, file, lineCounter);
  const lineAt = (offset: number) => lineCounter.linePos(offset).line;
  const problem = document.errors[0];
  if (problem) throw new ConfigError(file, lineAt(problem.pos[0]), wordsFor(problem));
  const repeated = repeatedKey(document);
  if (repeated)
    throw new ConfigError(
      file,
      lineAt(rangeStart(repeated) ?? 0),
      `the key "${repeated}" stands here a second time`,
    );
  return {
    value: toValue(document, file),
    lineOf(path) {
      for (let length = path.length; length > 0; length--) {
        const start = rangeStart(nodeAt(document, path.slice(0, length)));
        if (start !== undefined) return lineAt(start);
      }
      return undefined;
    },
    sourcesIn(path) {
      const children = [...childrenOf(document, nodeAt(document, path))];
      return new Map(children.map(([key, node]) => [key, sourceOf(targetOf(document, node))]));
    },
  };
}

/** Merges and repeated keys are left to {@link withMerges} and {@link repeatedKey}: the parser's time for them is quadratic. */
const OPTIONS = { schema: 'core', uniqueKeys: false, prettyErrors: false, logLevel: 'error' } as const;

function parsed(text: string, file: string, lineCounter: LineCounter): Document.Parsed {
  try {
    return parseDocument(text, { ...OPTIONS, lineCounter });
  } catch (error) {
    throw new ConfigError(file, undefined, `can't be read as YAML: ${reason(error)}`);
  }
}

/** The parser's advice is for programs. */
const wordsFor = ({ code, message }: YAMLParseError) =>
  code === 'MULTIPLE_DOCS' ? 'a second document begins ("---"): one is read; take the others out' : message;

const sourceOf = (node: unknown) => (isScalar(node) ? (node.source ?? String(node.value)) : undefined);

function toValue(document: Document.Parsed, file: string): unknown {
  try {
    const value: unknown = document.toJS();
    // What contains itself, by an alias, is no tree: this throws.
    JSON.stringify(value);
    return withMerges(value);
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

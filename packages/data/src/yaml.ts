import { LineCounter, parseDocument } from 'yaml';
import { ConfigError } from './errors.js';

/** A parsed YAML file that still knows where each key stands. */
export interface YamlFile {
  readonly value: unknown;
  /** The line (from 1) of the value at `path`, or of the nearest parent that exists. */
  lineOf(path: readonly (string | number)[]): number | undefined;
}

/** Parses YAML as data only; a syntax error or a repeated key is a {@link ConfigError} with its line. */
export function parseYaml(text: string, file: string): YamlFile {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const problem = document.errors[0];
  if (problem) throw new ConfigError(file, lineCounter.linePos(problem.pos[0]).line, problem.message);
  return {
    value: document.toJS(),
    lineOf(path) {
      for (let length = path.length; length > 0; length--) {
        const node = document.getIn(path.slice(0, length), true);
        const start = rangeStart(node);
        if (start !== undefined) return lineCounter.linePos(start).line;
      }
      return undefined;
    },
  };
}

function rangeStart(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range))
    return undefined;
  const start: unknown = node.range[0];
  return typeof start === 'number' ? start : undefined;
}

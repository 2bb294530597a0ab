/** The metadata that YOLOv5, and programs that read its exports, look for. */

/** `{0: 'person', 1: "crow's nest"}`: a dict as Python prints it, which readers evaluate or parse. */
export function namesLiteral(names: readonly string[]): string {
  return `{${names.map((name, index) => `${index}: ${pythonText(name)}`).join(', ')}}`;
}

/** A text as a literal of Python; quotes, backslashes and control characters can't end it early. */
function pythonText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = Array.from(text, (character) => escapeCharacter(character, quote));
  return quote + escaped.join('') + quote;
}

function escapeCharacter(character: string, quote: string): string {
  if (character === '\\' || character === quote) return `\\${character}`;
  const code = character.codePointAt(0) ?? 0;
  const isPlain = code >= 0x20 && !(code >= 0x7f && code < 0xa0) && !(code >= 0xd800 && code < 0xe000);
  return isPlain ? character : `\\u${code.toString(16).padStart(4, '0')}`;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
const ENTRY = /\s*(\d+)\s*:\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*,?/gy;

/** Class names out of such a dict, in the order of their indices; undefined for any other text. */
export function parseNames(literal: string): string[] | undefined {
  const body = /^\s*\{(.*)\}\s*$/s.exec(literal)?.[1];
  if (body === undefined) return undefined;
  const found = new Map<number, string>();
  ENTRY.lastIndex = 0;
  let end = 0;
  for (let match = ENTRY.exec(body); match; match = ENTRY.exec(body)) {
    end = ENTRY.lastIndex;
    found.set(Number(match[1]), unescaped(match[2] ?? match[3] ?? ''));
  }
  if (body.slice(end).trim() !== '') return undefined;
  return [...found].sort(([a], [b]) => a - b).map(([, name]) => name);
}

function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9a-f]{4})|x([0-9a-f]{2})|(.))/gi, (_, wide, narrow, plain) => {
    const code = wide ?? narrow;
    return code === undefined ? (ESCAPES[plain] ?? plain) : String.fromCharCode(Number.parseInt(code, 16));
  });
}

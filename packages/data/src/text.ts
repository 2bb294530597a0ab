/** Text files as people's tools write them: any Unicode encoding, any line ends. */

/**
 * Text of a file: UTF-8, or UTF-16 by its byte order mark or its zero bytes; the mark is dropped. XML may say another
 * encoding in its first line, such as `encoding="GBK"`.
 */
export function decodeText(bytes: Uint8Array): string {
  const encoding = encodingOf(bytes);
  return decoderOf(encoding === 'utf-8' ? (declaredIn(bytes) ?? encoding) : encoding).decode(bytes);
}

/** A decoder; UTF-8 for an encoding that isn't known. */
function decoderOf(encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding);
  } catch {
    return new TextDecoder();
  }
}

const DECLARATION_BYTES = 200;

/** The encoding that an XML declaration names. One of 16 bits would not be read as single bytes here: it is wrong. */
function declaredIn(bytes: Uint8Array): string | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, DECLARATION_BYTES));
  const [, name] = /^\s*<\?xml[^>]*\bencoding\s*=\s*["']([\w.:-]+)["']/i.exec(start) ?? [];
  return name && !/^(utf-?16|ucs-?2)/i.test(name) ? name : undefined;
}

function encodingOf(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  // The first letter of a label, YAML, XML or JSON file is ASCII: in UTF-16 one of its bytes is zero.
  if (bytes.length >= 4 && first !== 0 && second === 0 && bytes[3] === 0) return 'utf-16le';
  if (bytes.length >= 4 && first === 0 && second !== 0 && bytes[2] === 0) return 'utf-16be';
  return 'utf-8';
}

/** Lines of a text that end as on Windows, Unix or old Macs. */
export function linesOf(text: string): string[] {
  return text.split(/\r\n|\n|\r/);
}

/** Lines of a list that are not empty and no comment, without the spaces around them. */
export function entriesOf(text: string): string[] {
  return linesOf(text)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** A text with control characters (escape sequences, line ends, changes of direction) shown as `\u001b`. */
export function printable(text: string): string {
  return text.replace(CONTROL, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${code}`;
  });
}

/** Whether a text was decoded from bytes that are not of its encoding: what stood there is lost. */
export function isGarbled(text: string): boolean {
  return text.includes('\ufffd');
}

const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;
const MAX_NAME = 100;

/**
 * A file name for a text that comes from others, such as a class: letters, digits, space and `._-`, neither hidden nor a
 * folder above nor a device of Windows. Different texts may get the same name.
 */
export function safeFileName(text: string): string {
  const kept = [...text.replace(/[^\p{L}\p{M}\p{N} ._-]/gu, '_')].slice(0, MAX_NAME).join('');
  const trimmed = kept.replace(/^[. ]+|[. ]+$/g, (dots) => '_'.repeat(dots.length));
  if (trimmed === '') return '_';
  return RESERVED.test(trimmed) ? `_${trimmed}` : trimmed;
}

/** Order of texts by code units, the same on every machine. */
export function byCodePoint(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

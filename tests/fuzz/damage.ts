/** Damage at random, the same for the same seed. */
import type { Rng } from '@froyolo/data';

const TOKENS = [
  '0',
  '-1',
  '1e309',
  'NaN',
  '99999999999',
  'null',
  'true',
  '""',
  '..',
  '../x',
  '/etc/passwd',
  '\\',
  '\0',
  '\u001b[2J',
  '&a',
  '*a',
  '{',
  '[',
  '<',
  '__proto__',
  'constructor',
  'é',
  '😀',
  '\r',
];

/** Longest text that a piece is repeated to. */
const LONGEST = 2 ** 18;

/**
 * Bytes with one to four changes: bits, pieces cut, doubled, moved, overwritten or repeated many times, texts put in or in
 * the place of a number, a word or a line, an end cut off.
 */
export function damage(seed: Uint8Array, rng: Rng, tokens: readonly string[] = []): Uint8Array {
  let bytes = seed;
  for (let changes = 1 + rng.integer(4); changes > 0; changes--)
    bytes = change(bytes, rng, [...TOKENS, ...tokens]);
  return bytes;
}

function change(bytes: Uint8Array, rng: Rng, tokens: readonly string[]): Uint8Array {
  const at = rng.integer(bytes.length + 1);
  const end = Math.min(bytes.length, at + 1 + rng.integer(rng.random() < 0.5 ? 8 : 200));
  const piece = bytes.subarray(at, end);
  const token = new TextEncoder().encode(tokens[rng.integer(tokens.length)] ?? '');
  const replaced = (pattern: RegExp) => withOneReplaced(bytes, pattern, token, rng);
  const ways = [
    () => flipped(bytes, at, 1 << rng.integer(8)),
    () => joined(bytes.subarray(0, at), bytes.subarray(end)),
    () => joined(bytes.subarray(0, end), piece, bytes.subarray(end)),
    () => joined(bytes.subarray(0, at), token, bytes.subarray(at)),
    () => joined(bytes.subarray(0, at), token, bytes.subarray(end)),
    () => bytes.subarray(0, at),
    () =>
      joined(
        bytes.subarray(0, at),
        piece.map(() => rng.integer(256)),
        bytes.subarray(end),
      ),
    () => joined(bytes.subarray(0, at), repeated(piece, rng), bytes.subarray(at)),
    () => replaced(/-?\d+(?:\.\d+)?/g),
    () => replaced(/[A-Za-z_]\w*/g),
    // Only from the start of a line: from everywhere in a long one it would look for the end again.
    () => replaced(/(?<![^\n])[^\n]+\n/g),
  ];
  return (ways[rng.integer(ways.length)] ?? (() => bytes))();
}

function flipped(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ bit;
  return copy;
}

/** One match of a pattern has another text; the bytes as they are where nothing matches. */
function withOneReplaced(bytes: Uint8Array, pattern: RegExp, token: Uint8Array, rng: Rng): Uint8Array {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const matches = [...text.matchAll(pattern)];
  const match = matches[rng.integer(Math.max(matches.length, 1))];
  if (!match) return bytes;
  return joined(bytes.subarray(0, match.index), token, bytes.subarray(match.index + match[0].length));
}

/** A piece many times, up to a quarter of a megabyte. */
function repeated(piece: Uint8Array, rng: Rng): Uint8Array {
  const count = Math.min(2 ** rng.integer(18), Math.floor(LONGEST / Math.max(piece.length, 1)));
  const all = new Uint8Array(count * piece.length);
  for (let i = 0; i < count; i++) all.set(piece, i * piece.length);
  return all;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

import { expect, test } from 'vitest';
import { decodeText, linesOf, printable, safeFileName } from './text.js';

test.each([
  ['UTF-8', [0x63, 0xc3, 0xa4]],
  ['UTF-8 with a mark', [0xef, 0xbb, 0xbf, 0x63, 0xc3, 0xa4]],
  ['UTF-16 LE with a mark', [0xff, 0xfe, 0x63, 0, 0xe4, 0]],
  ['UTF-16 BE with a mark', [0xfe, 0xff, 0, 0x63, 0, 0xe4]],
  ['UTF-16 LE without one', [0x63, 0, 0xe4, 0]],
  ['UTF-16 BE without one', [0, 0x63, 0, 0xe4]],
])('text in %s', (_, bytes) => {
  expect(decodeText(Uint8Array.from(bytes))).toBe('cä');
});

test.each([
  ['windows-1252', [0xe4]],
  ['GBK', [0xa8, 0xa4]],
  ['iso-8859-1', [0xe4]],
])('XML in the encoding that it declares (%s)', (encoding, letter) => {
  const declaration = `<?xml version="1.0" encoding="${encoding}"?><a>`;
  const text = decodeText(Uint8Array.from([...new TextEncoder().encode(declaration), ...letter]));
  expect(text).toBe(`${declaration}${encoding === 'GBK' ? 'à' : 'ä'}`);
});

test.each(['no-such', 'utf-16'])('XML that declares %s by mistake is UTF-8', (encoding) => {
  const text = `<?xml version="1.0" encoding="${encoding}"?><a>ä`;
  expect(decodeText(new TextEncoder().encode(text))).toBe(text);
});

test('lines end as on Windows, Unix and old Macs', () => {
  expect(linesOf('a\r\nb\rc\nd')).toEqual(['a', 'b', 'c', 'd']);
});

test('control characters are shown', () => {
  expect(printable('a\u001b[2J\u202eb\n')).toBe('a\\u001b[2J\\u202eb\\u000a');
});

test.each([
  ['..', '__'],
  ['.', '_'],
  ['', '_'],
  ['a/b\\c', 'a_b_c'],
  ['.hidden', '_hidden'],
  ['end. ', 'end__'],
  ['CON', '_CON'],
  ['nul.txt', '_nul.txt'],
  ['\u001b[31mred', '__31mred'],
  ['white blood cell', 'white blood cell'],
  ['猫', '猫'],
  ['x'.repeat(300), 'x'.repeat(100)],
])('a class called %j has a file name that is safe', (name, file) => {
  expect(safeFileName(name)).toBe(file);
});

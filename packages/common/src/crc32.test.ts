import { expect, test } from 'vitest';
import { crc32 } from './crc32.js';

const text = (value: string) => new TextEncoder().encode(value);

test('the standard check string, whole and in parts of any length', () => {
  const all = text('123456789');
  expect(crc32(all)).toBe(0xcbf43926);
  for (let cut = 0; cut <= all.length; cut++)
    expect(crc32(all.subarray(cut), crc32(all.subarray(0, cut)))).toBe(0xcbf43926);
});

test('long bytes, also where they begin at an odd address', () => {
  const bytes = Uint8Array.from({ length: 1003 }, (_, i) => (i * i) & 255);
  let expected = 0;
  for (const byte of bytes) expected = crc32(Uint8Array.of(byte), expected);
  expect([crc32(bytes), crc32(new Uint8Array([0, ...bytes]).subarray(1))]).toEqual([expected, expected]);
});

test('no bytes', () => expect(crc32(new Uint8Array())).toBe(0));

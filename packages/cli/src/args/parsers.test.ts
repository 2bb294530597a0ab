import { expect, test } from 'vitest';
import { byteSize } from './parsers.js';

test.each([
  ['1GB', 1e9],
  ['1.5 GiB', 1.5 * 2 ** 30],
  ['800mb', 8e8],
  ['512B', 512],
])('%s is a size', (text, bytes) => {
  expect(byteSize(text)).toBe(bytes);
});

test.each(['', '1', 'GB', '-1GB', '1 pound', '0MB', '1e9B'])('"%s" is none', (text) => {
  expect(() => byteSize(text)).toThrow('It must be a size such as 800MB or 1.5GB.');
});

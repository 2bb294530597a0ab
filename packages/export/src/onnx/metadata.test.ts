import { expect, test } from 'vitest';
import { namesLiteral, parseNames } from './metadata.js';

test('names are written as Python prints a dict', () => {
  expect(namesLiteral(['person', "crow's nest", 'a "b"'])).toBe(
    `{0: 'person', 1: "crow's nest", 2: 'a "b"'}`,
  );
});

test.each([
  [['person', 'car']],
  [[`'"`, '\\', '\\n', '\n\t\r', '{0: 1}', "'}, 1: __import__('os')", 'ü😀', '\u0000\u009b', '']],
  [[]],
])('%j comes back', (names) => {
  expect(parseNames(namesLiteral(names))).toEqual(names);
});

test.each(['', '[]', "{0: 'a'", '{0: a}', "{0: 'a'} ; 1", "{0: 'a', os: 'b'}"])(
  '%j is no dict of names',
  (text) => {
    expect(parseNames(text)).toBeUndefined();
  },
);

test('indices count, not their order', () => {
  expect(parseNames(`{1: "b", 0: 'a'}`)).toEqual(['a', 'b']);
});

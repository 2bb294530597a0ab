import { expect, test } from 'vitest';
import { parseQueueAddress } from './address.js';

test.each([
  ['redis://localhost:6379', 'redis://localhost:6379'],
  ['rediss://user:secret@host:6380/1', 'rediss://user:***@host:6380/1'],
  ['redis://:secret@[::1]:6379', 'redis://:***@[::1]:6379'],
])('%s is shown without its password', (text, shown) => {
  expect(parseQueueAddress(text)).toEqual({ url: text, shown });
});

test.each(['localhost:6379', 'http://u:secret@host', 'redis://', '', 'postgres://u:secret@host/db'])(
  '"%s" is refused, and its password not told',
  (text) => {
    const parse = () => parseQueueAddress(text);
    expect(parse).toThrow('must be redis://HOST:6379');
    expect(parse).not.toThrow('secret');
  },
);

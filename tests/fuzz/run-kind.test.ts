import { DataError } from '@froyolo/data';
import { expect, test } from 'vitest';
import { Believed, text } from './kind.js';
import { runKind } from './run-kind.js';

const failing = (error: unknown) => ({
  name: 'failing',
  file: 'a.txt',
  seeds: async () => [text('abc')],
  run: () => Promise.reject(error),
});

test.each([
  ['an error of the language', new TypeError('x is not a function'), 'untyped: TypeError'],
  ['an error of the system', Object.assign(new Error('ENOENT'), { syscall: 'open' }), 'untyped: Error'],
  ['an error without the file', new DataError('bad'), 'unnamed: bad'],
  ['what is believed', new Believed('other labels'), 'believed: other labels'],
  ['nothing that is thrown', undefined, 'untyped: undefined'],
])('%s is a failure', async (_, error, problem) => {
  const { failures } = await runKind(failing(error), 1, 1);
  expect(failures).toEqual([{ number: 0, problem: expect.stringContaining(problem) }]);
});

test('an error of the project with the file is none', async () => {
  expect(await runKind(failing(new DataError('a.txt: bad')), 2, 1)).toMatchObject({
    inputs: 2,
    refused: 2,
    failures: [],
  });
});

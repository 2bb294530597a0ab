import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeSystemError, FroyoloError, isFroyoloError, isSystemError, must } from './index.js';

class LabelError extends FroyoloError {
  override name = 'LabelError';
  override readonly code = 'ERR_LABEL';
}

test('an error has a code, what, where and what to do', () => {
  const error = new LabelError('a.txt:3: class 9', { where: 'a.txt:3', what: 'class 9', advice: 'add it' });
  expect({ ...error }).toMatchObject({
    code: 'ERR_LABEL',
    where: 'a.txt:3',
    what: 'class 9',
    advice: 'add it',
  });
  expect([error.message, error.name, String(error)]).toEqual([
    'a.txt:3: class 9',
    'LabelError',
    'LabelError: a.txt:3: class 9',
  ]);
  expect(new FroyoloError('so').what).toBe('so');
});

test('ours are told from others', () => {
  expect([new LabelError('x'), new Error('x'), 'x'].map(isFroyoloError)).toEqual([true, false, false]);
});

test('what must be there is given back; its absence is a defect, which no user is blamed for', () => {
  expect([must(0, 'a count'), must('', 'a name')]).toEqual([0, '']);
  const missing = () => must([].at(-1), 'the last layer');
  expect(missing).toThrow('the last layer is missing');
  expect(missing).not.toThrow(FroyoloError);
});

test('what the operating system refuses is told in words, with the file', () => {
  const told = (path: string) => {
    try {
      return String(readFileSync(path));
    } catch (error) {
      return isSystemError(error) ? describeSystemError(error) : expect.fail(String(error));
    }
  };
  const here = import.meta.dirname;
  expect(told(join(here, 'none'))).toBe(`${join(here, 'none')}: no such file or folder`);
  expect(told(here)).toMatch(/it is a folder, not a file$/);
  expect(told(join(import.meta.filename, 'x'))).toMatch(/is a file, not a folder$/);
});

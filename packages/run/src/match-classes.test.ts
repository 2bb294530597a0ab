import { expect, test } from 'vitest';
import { matchClasses } from './match-classes.js';

const SHAPES = ['circle', 'square', 'triangle'];

test('equal lists need no word', () => {
  expect(matchClasses(SHAPES, [...SHAPES], 'd.yaml')).toEqual({});
  expect(matchClasses(['a', 'a'], ['a', 'a'], 'd.yaml')).toEqual({});
});

test.each([
  ['another order', ['triangle', 'circle', 'square'], [2, 0, 1]],
  ['some of them', ['square'], [1]],
  ['another spelling of the same words', [' Triangle', 'SQUARE'], [2, 1]],
])('%s: mapped by name, and said', (_, labeled, toDetector) => {
  const match = matchClasses(SHAPES, labeled, 'd.yaml');
  expect(match.toDetector).toEqual(toDetector);
  expect(match.note).toContain(`mapped to the detector's by name: 0 ${labeled[0]} is`);
});

test('names that differ in case alone keep their numbers', () => {
  expect(matchClasses(SHAPES, ['Circle', 'square', 'triangle'], 'd.yaml')).toEqual({
    note: expect.stringContaining('by name'),
  });
});

test.each([
  ['class0, class1, …', ['class0', 'class1', 'class2'], SHAPES, 'the detector names none'],
  ['numbers', SHAPES, ['0', '1', '2'], 'the dataset names none'],
  ['item, of a detector of one class', ['item'], ['cell'], 'the detector names none'],
])('default names (%s) accept as many classes', (_, known, labeled, note) => {
  expect(matchClasses(known, labeled, 'd.yaml')).toEqual({ note: expect.stringContaining(note) });
});

test.each([
  ['fewer, of other names', SHAPES, ['thing']],
  ['more', ['circle', 'square'], SHAPES],
  ['as many, of other names', SHAPES, ['cat', 'dog', 'cow']],
  ['default names of another count', ['class0', 'class1'], SHAPES],
  ['default names of both sides, of another count', ['class0', 'class1'], ['class0']],
  ['one name twice', SHAPES, ['circle', 'Circle']],
])('%s: refused with both lists', (_, known, labeled) => {
  expect(() => matchClasses(known, labeled, 'd.yaml')).toThrow(
    `d.yaml: its classes are not the detector's, so figures would mean nothing: the dataset has ${labeled.length} (${labeled.join(', ')}), the detector ${known.length} (${known.join(', ')})`,
  );
});

test('a detector of one class is told how all objects count as one', () => {
  expect(() => matchClasses(['item'], SHAPES, 'd.yaml')).toThrow('--single-cls');
});

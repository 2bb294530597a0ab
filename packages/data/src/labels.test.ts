import { expect, test } from 'vitest';
import { LabelError } from './errors.js';
import { formatLabels, labelPathOf, parseLabels } from './labels.js';

const parse = (text: string) => parseLabels(text, 'a.txt', 3);

test('reads boxes and skips blank lines', () => {
  const { labels, warnings } = parse('0 0.5 0.5 0.2 0.4\n\n 2\t0.1 0.1 0.1 0.1 \r\n');
  expect(Array.from(labels, (x) => Number(x.toFixed(6)))).toEqual([
    0, 0.5, 0.5, 0.2, 0.4, 2, 0.1, 0.1, 0.1, 0.1,
  ]);
  expect(warnings).toEqual([]);
});

test('a polygon becomes the box around it', () => {
  const { labels } = parse('1 0.25 0.5 0.75 0.5 0.5 1');
  expect(Array.from(labels)).toEqual([1, 0.5, 0.75, 0.5, 0.5]);
});

test('repeated rows are removed with a warning that names file and line', () => {
  const { labels, warnings } = parse('0 0.5 0.5 0.25 0.25\n1 0.5 0.5 0.25 0.25\n0 0.50 0.5 0.25 0.25\n');
  expect(labels).toHaveLength(10);
  expect(warnings).toEqual(['a.txt:3: 1 repeated label row removed']);
});

test.each([
  ['0 0.5 0.5 0.2', 'a.txt:2: 4 columns'],
  ['0 0.5 0.5 0.2 0.2 0.9', 'a.txt:2: 6 columns'],
  ['0 0.5 nan 0.2 0.2', 'a.txt:2: "nan" is not a number'],
  ['0 0.5 -0.1 0.2 0.2', 'a.txt:2: -0.1 is negative'],
  ['0 0.5 1.5 0.2 0.2', 'a.txt:2: coordinate 1.5 is above 1'],
  ['3 0.5 0.5 0.2 0.2', 'a.txt:2: class 3 is not one of the 3 classes'],
  ['0.5 0.5 0.5 0.2 0.2', 'a.txt:2: class 0.5'],
])('"%s" is refused with its place', (row, message) => {
  const bad = () => parse(`0 0.5 0.5 0.1 0.1\n${row}\n`);
  expect(bad).toThrow(LabelError);
  expect(bad).toThrow(message);
});

test('format and parse are inverses', () => {
  const text = '0 0.500000 0.250000 0.125000 0.062500\n2 0.100000 0.200000 0.300000 0.400000\n';
  expect(formatLabels(parse(text).labels)).toBe(text);
});

test('label paths replace the last images folder', () => {
  expect(labelPathOf('/d/images/x/images/train/a.b.jpg')).toBe('/d/images/x/labels/train/a.b.txt');
  expect(labelPathOf('C:\\d\\images\\a.png')).toBe('C:\\d\\labels\\a.txt');
  expect(labelPathOf('/d/pictures/a.png')).toBe('/d/pictures/a.txt');
});

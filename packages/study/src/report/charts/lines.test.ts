import { expect, test } from 'vitest';
import { meanLine } from './panel.js';
import { averaged } from './resources.js';

const sample = (time: number, memory: number) => ({ time, memory, cpu: 0 });

test('samples are averaged over spans; a span without one has the value before it', () => {
  const samples = [sample(2.5, 1), sample(2.9, 3), sample(6.1, 10)];
  expect(averaged(samples, ({ memory }) => memory, 2)).toEqual([
    { x: 1, y: 1 },
    { x: 3, y: 2 },
    { x: 5, y: 2 },
    { x: 7, y: 10 },
  ]);
  expect(averaged(samples, () => undefined, 2)).toEqual([]);
});

test('a mean goes as far as all of its lines, and lines without points do not count', () => {
  const long = [0, 1, 2].map((x) => ({ x, y: 2 * x }));
  const short = [0, 2].map((x) => ({ x, y: 4 }));
  expect(meanLine([long, short, []])).toEqual([
    { x: 0, y: 2 },
    { x: 1.5, y: 3 },
  ]);
  expect(meanLine([[]])).toEqual([]);
});

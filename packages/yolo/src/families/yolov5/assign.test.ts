import { readArrays } from '@froyolo/testing';
import { describe, expect, test } from 'vitest';
import { assignTargets, type LevelAssignment } from './assign.js';

/** Anchors of the three levels at 320 pixels, in grid units. */
const ANCHORS = [
  [1.25, 1.625, 2.0, 3.75, 4.125, 2.875],
  [1.875, 3.8125, 3.875, 2.8125, 3.6875, 7.4375],
  [3.625, 2.8125, 4.875, 6.1875, 11.65625, 10.1875],
];
const GRIDS = [
  [40, 40],
  [20, 20],
  [10, 10],
] as const;

describe('the targets of four images get the same matches, in the same order', () => {
  const golden = readArrays(new URL('../../fixtures/targets.safetensors', import.meta.url));
  const targets = Float32Array.from(golden('targets').data);
  const levels = assignTargets(targets, { anchors: ANCHORS, gridSizes: GRIDS });
  const names: [keyof LevelAssignment, string][] = [
    ['image', 'image'],
    ['anchor', 'anchor'],
    ['gj', 'gj'],
    ['gi', 'gi'],
    ['cls', 'cls'],
    ['box', 'box'],
    ['anchorWh', 'anchor_wh'],
  ];
  test.each([0, 1, 2])('level %i', (level) => {
    for (const [field, name] of names) {
      const expected = golden(`l${level}_${name}`).data;
      expect(Array.from(levels[level][field] as Float32Array), name).toEqual(Array.from(expected));
    }
    expect(levels[level].numMatches).toBe(golden(`l${level}_image`).shape[0]);
  });
});

const one = (cx: number, cy: number, side: number, anchor = side) =>
  assignTargets(Float32Array.of(0, 0, cx / 4, cy / 4, side / 4, side / 4), {
    anchors: [[anchor, anchor]],
    gridSizes: [[4, 4]],
  })[0];

test('a center is also matched to the neighbor cells that it is close to, and not beyond the border', () => {
  const cells = ({ gi, gj }: LevelAssignment) => Array.from(gi, (x, i) => [x, gj[i]]);
  expect(cells(one(1.25, 2.75, 1))).toEqual([
    [1, 2],
    [0, 2],
    [1, 3],
  ]);
  expect(cells(one(0.25, 3.75, 1))).toEqual([[0, 3]]);
});

test('the ratio of sides must stay below the threshold', () => {
  expect(one(1.5, 1.5, 1, 3.9).numMatches).toBe(1);
  expect(one(1.5, 1.5, 1, 4).numMatches).toBe(0);
  expect(one(1.5, 1.5, 2, 0.5).numMatches).toBe(0);
});

test('a center on the far edge of the image stays in the grid', () => {
  const { gi, gj, box } = one(4, 4, 1);
  expect([gi[0], gj[0], ...box.subarray(0, 4)]).toEqual([3, 3, 1, 1, 1, 1]);
});

test('no targets give no matches', () => {
  const [level] = assignTargets(new Float32Array(0), { anchors: [[1, 1]], gridSizes: [[2, 2]] });
  expect(level.numMatches).toBe(0);
});

test('an array that is not rows of six is an error', () => {
  expect(() => assignTargets(new Float32Array(5), { anchors: [], gridSizes: [] })).toThrow(
    '6 values per row',
  );
});

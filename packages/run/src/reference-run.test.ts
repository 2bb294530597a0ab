import { hypPresets } from '@froyolo/data';
import { createDetector, floatCheckpointOf, freshProgress } from '@froyolo/yolo';
import { TOY_ARCHITECTURE, TOY_NAMES } from '@froyolo/yolo/testing';
import { expect, test } from 'vitest';
import { withReferenceState } from './reference-run.js';
import { resolveSettings, SETTINGS } from './settings/index.js';

const detector = createDetector(TOY_ARCHITECTURE, { names: TOY_NAMES, seed: 1 });
const hyp = hypPresets['scratch-low'];
const progress = freshProgress({ box: 0, obj: 0, cls: 0 });

function argsOf(options: object, epoch = 0) {
  const settings = resolveSettings(SETTINGS, 'train', { data: 'data.yaml', ...options });
  const state = { progress: { ...progress, epoch }, tensors: new Map() };
  const run = { project: 'runs/train', name: 'exp', detector };
  return withReferenceState(floatCheckpointOf(detector), state, { settings, hyp }, run).args;
}

test.each([
  [['0'], [0]],
  [['2'], [2]],
  [['0-1'], [2]],
  [
    ['1', '2'],
    [1, 2],
  ],
  [['model.1'], [1, 1]],
  [['backbone,!model.0'], expect.not.arrayContaining([0, null])],
  [['model.0.conv.weight'], [0]],
])('--freeze %j goes on in train.py as %j', (freeze, expected) => {
  expect(argsOf({ freeze })?.freeze).toEqual(expected);
});

test('what was unfrozen on the way stays so', () => {
  const options = { freeze: ['2'], unfreeze: ['1:3'], epochs: 9 };
  expect([2, 3].map((epoch) => argsOf(options, epoch)?.freeze)).toEqual([[2], [1]]);
});

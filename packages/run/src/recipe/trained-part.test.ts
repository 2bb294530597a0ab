import { hypPresets } from '@froyolo/data';
import { createDetector } from '@froyolo/yolo';
import { TOY_ARCHITECTURE, TOY_NAMES } from '@froyolo/yolo/testing';
import { expect, test } from 'vitest';
import { resolveSettings, SETTINGS, type TrainOptions } from '../settings/index.js';
import { freezeOf } from '../stages.js';
import { givenPart, trainedPart } from './trained-part.js';

const detector = createDetector(TOY_ARCHITECTURE, { names: TOY_NAMES, seed: 1 });
const partUnder = (...freeze: string[]) =>
  trainedPart(detector, freezeOf(detector, { freeze, freezeBn: 'eval' }));

test('what learns under a freeze', () => {
  expect(['0', '1', 'backbone', 'backbone,neck'].map((freeze) => partUnder(freeze))).toEqual([
    undefined,
    undefined,
    'neck and head',
    'head',
  ]);
});

test('it is known beforehand where one freeze is given for all of the training', () => {
  const partOf = (options: Omit<TrainOptions, 'data'>, unfreeze?: string) => {
    const settings = resolveSettings(SETTINGS, 'train', { data: 'd.yaml', ...options });
    const hyp = { ...hypPresets['scratch-low'], ...(unfreeze ? { unfreeze } : {}) };
    return givenPart(detector, { settings, hyp });
  };
  const freeze = ['backbone', 'neck'];
  expect(partOf({ freeze })).toBe('head');
  expect([
    partOf({}),
    partOf({ freeze: ['auto'] }),
    partOf({ freeze, unfreeze: ['0:3'] }),
    partOf({ freeze }, '0:3'),
  ]).toEqual([undefined, undefined, undefined, undefined]);
});

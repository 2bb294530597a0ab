import { createDetector } from '@froyolo/yolo';
import { TOY_ARCHITECTURE, TOY_NAMES } from '@froyolo/yolo/testing';
import { expect, test } from 'vitest';
import { freezeOf } from '../stages.js';
import { trainedPart } from './trained-part.js';

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

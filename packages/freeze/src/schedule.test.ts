import { describe, expect, test } from 'vitest';
import { describeFreeze, describeLrScales, describeStage, describeUnfreezing } from './describe.js';
import { FreezeError } from './errors.js';
import { parseLrScales, resolveLrScales } from './lr-scale.js';
import { resolveFreeze } from './policy.js';
import { parseUnfreeze, resolveStages, stageIndex } from './schedule.js';
import { parseFreeze } from './selector.js';

/** Layers 0 to 7; layer 4 has no parameters. */
const PARAMETERS = [0, 1, 2, 3, 5, 6, 7].flatMap((i) => [
  { name: `model.${i}.conv.weight`, shape: [10] },
  { name: `model.${i}.bn.weight`, shape: [1] },
]);
const SECTIONS = { backbone: [0, 1, 2], neck: [3, 4, 5, 6], head: [7] };

const policy = (...freeze: string[]) =>
  resolveFreeze(parseFreeze(freeze), PARAMETERS, { sections: SECTIONS });
const stagesOf = (freeze: string, ...steps: string[]) =>
  resolveStages(policy(freeze), parseUnfreeze(steps), PARAMETERS, SECTIONS);

describe('--unfreeze', () => {
  test.each<[string, string[], [epoch: number, label: string, layers: number[]][]]>([
    ['7', [], []],
    ['7', [''], []],
    [
      '7',
      ['3:20,0:25'],
      [
        [20, '3', [0, 1, 2]],
        [25, '0', []],
      ],
    ],
    [
      'backbone',
      ['2:1', '0-0:2'],
      [
        [1, '2', [0, 1]],
        [2, '1', [0]],
      ],
    ],
    ['0-6', ['backbone:3'], [[3, '3', [0, 1, 2]]]],
    ['7', ['0-2+model.6:4'], [[4, '0-2 model.6', [0, 1, 2, 6]]]],
    ['7', ['backbone+!model.1:4'], [[4, 'backbone !model.1', [0, 2]]]],
  ])('freeze %s, then %j', (freeze, steps, expected) => {
    const [first, ...later] = stagesOf(freeze, ...steps);
    expect(first).toMatchObject({ epoch: 0, policy: policy(freeze) });
    expect(later.map((stage) => [stage.epoch, stage.policy.label, stage.policy.layers])).toEqual(expected);
  });

  test.each<[string, string[], string | RegExp]>([
    ['7', ['3'], 'unfreeze "3": is not FREEZE:EPOCH'],
    ['7', [':3'], 'unfreeze ":3": is not FREEZE:EPOCH'],
    ['7', ['3:x'], 'unfreeze "3:x": is not FREEZE:EPOCH'],
    ['7', ['3:0'], 'unfreeze "3:0": epochs count from 0'],
    ['7', ['3:5,2:5'], 'unfreeze "2:5": does not come after "3:5"'],
    ['7', ['3:5,2:4'], 'unfreeze "2:4": does not come after "3:5"'],
    ['7', ['backbnoe:5'], /^unfreeze "backbnoe:5": matches nothing; close to it: backbone; /],
    ['7', ['3-1:5'], 'unfreeze "3-1:5": runs backwards'],
    [
      '3',
      ['5:5'],
      /^unfreeze "5:5": would freeze .* where freeze is 3: model\.3\.conv\.weight, model\.3\.bn\.weight$/,
    ],
    ['3', ['backbone:5'], 'unfreeze "backbone:5": unfreezes nothing: freeze 3 is the same as freeze 3'],
    // Layer 4 has nothing to free.
    ['5', ['4:5'], 'unfreezes nothing: freeze 4 is the same as freeze 5'],
    ['0', ['0:5'], 'nothing is left to unfreeze before it'],
    ['3', ['0:5,0:6'], 'unfreeze "0:6": nothing is left to unfreeze before it'],
  ])('freeze %s, then %j is refused', (freeze, steps, message) => {
    expect(() => stagesOf(freeze, ...steps)).toThrow(FreezeError);
    expect(() => stagesOf(freeze, ...steps)).toThrow(message);
  });

  test('an epoch belongs to the last stage that has begun', () => {
    const stages = stagesOf('7', '3:2,0:4');
    expect([0, 1, 2, 3, 4, 9].map((epoch) => stageIndex(stages, epoch))).toEqual([0, 0, 1, 1, 2, 2]);
  });

  test('later stages keep the mode of frozen batch normalization', () => {
    const first = resolveFreeze(parseFreeze([7]), PARAMETERS, { freezeBn: 'stats' });
    expect(resolveStages(first, parseUnfreeze(['3:1']), PARAMETERS)[1].policy.freezeBn).toBe('stats');
  });

  test('in words', () => {
    const stages = stagesOf('7', '5:1', '1+model.3.bn:20', '0:21');
    expect(describeUnfreezing(stages, PARAMETERS)).toEqual([
      'after 1 epoch unfreezing layers 5-6; 44 of 77 parameters stay frozen',
      'after 20 epochs unfreezing layers 0, 2, parts of layer 3; 12 of 77 parameters stay frozen',
      'after 21 epochs unfreezing layers 1, 3; nothing is frozen any more',
    ]);
    const [before, freeze] = [stages[0].policy, stages[1].policy];
    expect(describeStage({ before, freeze }, PARAMETERS)).toBe(
      'training layers 5-6 from now on; 44 of 77 parameters stay frozen',
    );
  });
});

test.each([
  [['0'], '0'],
  [['3'], '3'],
  [['5'], '5'],
  [['backbone'], '3'],
  [['0-5'], '6'],
  [['0', '1'], '2'],
  [['0', '2'], '0 2'],
  [['backbone,!model.1'], 'backbone !model.1'],
  [['3', '!model.2'], '2'],
  [['3', '!model.0'], '3 !model.0'],
  [['*.bn.*'], '*.bn.*'],
])('freeze %j is recorded as %j', (freeze, label) => {
  expect(policy(...freeze).label).toBe(label);
  expect(describeFreeze(policy(...freeze), PARAMETERS).length > 0).toBe(label !== '0');
});

describe('--lr-scale', () => {
  const all = PARAMETERS.map(({ name }) => name);
  const resolve = (scales: string[], trained: readonly string[] = all) =>
    resolveLrScales(parseLrScales(scales), PARAMETERS, trained, SECTIONS);
  const byLayer = (scales: string[]) =>
    Object.fromEntries([...resolve(scales).factors].map(([name, factor]) => [name.slice(6, 12), factor]));

  test.each<[string[], Record<string, number>]>([
    [[], {}],
    [['model.7=0.5'], { '7.conv': 0.5, '7.bn.w': 0.5 }],
    [['1=0.1'], { '0.conv': 0.1, '0.bn.w': 0.1 }],
    [['1-1=0.1,model.1.bn=2'], { '1.conv': 0.1, '1.bn.w': 2 }],
    [['model.1.bn=2', '1-1=1e-2'], { '1.conv': 0.01, '1.bn.w': 0.01 }],
    [['*=0.1', '0-3=1', 'neck=1'], { '7.conv': 0.1, '7.bn.w': 0.1 }],
    [['0-1+!model.0=3'], { '1.conv': 3, '1.bn.w': 3 }],
  ])('%j', (scales, expected) => expect(byLayer(scales)).toEqual(expected));

  test.each<[string, string | RegExp]>([
    ['backbone', 'lr-scale "backbone": is not SELECTOR=FACTOR'],
    ['backbone=', 'is not SELECTOR=FACTOR'],
    ['=0.1', 'is not SELECTOR=FACTOR'],
    ['backbone=0', 'lr-scale "backbone=0": the factor must be a number above 0'],
    ['backbone=-1', 'above 0'],
    ['backbone=fast', 'above 0'],
    ['backbone=Infinity', 'above 0'],
    ['bakbone=0.1', /^lr-scale "bakbone=0.1": matches nothing; close to it: backbone; /],
    ['0=0.1', 'lr-scale "0=0.1": matches no parameter'],
    ['0-9=0.1', 'no such layer; the layers are 0 to 7'],
  ])('%s is refused', (scale, message) => {
    expect(() => resolve([scale])).toThrow(FreezeError);
    expect(() => resolve([scale])).toThrow(message);
  });

  test('what is never trained has no factor, and a term that means nothing else is a warning', () => {
    const trained = all.filter((name) => !name.startsWith('model.0.'));
    const { factors, warnings } = resolve(['model.0=0.1', 'model.0+model.1=0.2'], trained);
    expect([...factors.keys()]).toEqual(['model.1.conv.weight', 'model.1.bn.weight']);
    expect(warnings).toEqual(['lr-scale "model.0=0.1" changes nothing: all its parameters stay frozen']);
  });

  test('in words', () => {
    expect(
      describeLrScales(resolve(['backbone=0.1', 'model.7.bn=0.1', 'neck=2']).factors, PARAMETERS),
    ).toEqual([
      'learning rate times 0.1: 7 tensors in layers 0-2, 7',
      'learning rate times 2: 6 tensors in layers 3-6',
    ]);
  });
});

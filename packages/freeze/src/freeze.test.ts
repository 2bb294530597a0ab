import { propertySeed } from '@froyolo/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeFreeze, freshFrozenWarning } from './describe.js';
import { FreezeError } from './errors.js';
import { batchNormMode, type FreezeOptions, resolveFreeze } from './policy.js';
import { parseFreeze } from './selector.js';

fc.configureGlobal({ seed: propertySeed });

/** Layers 0 to 11, as a detector has them: layer 5 has no parameters; 10 and 11 start with the same digit as 1. */
const LAYERS = 12;
const PARAMETERS = Array.from({ length: LAYERS }, (_, i) => i)
  .filter((i) => i !== 5)
  .flatMap((i) => [
    { name: `model.${i}.cv1.conv.weight`, shape: [8, 4, 3, 3] },
    { name: `model.${i}.cv1.bn.weight`, shape: [8] },
    { name: `model.${i}.cv1.bn.bias`, shape: [8] },
    { name: `model.${i}.m.0.cv1.conv.weight`, shape: [8, 8, 1, 1] },
  ]);
const SECTIONS = { backbone: [0, 1, 2, 3], neck: [4, 5, 6, 7, 8, 9, 10], head: [11] };
const layerOfName = (name: string) => Number(name.split('.')[1]);

const freeze = (text: string, options: FreezeOptions = { sections: SECTIONS }) =>
  resolveFreeze(parseFreeze(text.split(' ')), PARAMETERS, options);
const layersOf = (text: string) => freeze(text).layers;

describe('selectors', () => {
  test.each<[string, number[]]>([
    ['0', []],
    ['1', [0]],
    ['3', [0, 1, 2]],
    ['10', [0, 1, 2, 3, 4, 6, 7, 8, 9]],
    ['0 1', [0, 1]],
    ['1 10', [1, 10]],
    ['0-0', [0]],
    ['0-2,9', [0, 1, 2, 9]],
    ['4 5', [4]],
    ['backbone', [0, 1, 2, 3]],
    ['head', [11]],
    ['backbone,!model.2', [0, 1, 3]],
    ['0-3 !1-2', [0, 3]],
    ['4 !2', [0, 1, 3]],
    ['model.1', [1]],
    ['model.1?', [10, 11]],
  ])('%s freezes layers %j', (text, layers) => expect(layersOf(text)).toEqual(layers));

  test('numbers are fine too, and no selector freezes nothing', () => {
    expect(resolveFreeze(parseFreeze([2]), PARAMETERS).layers).toEqual([0, 1]);
    expect(resolveFreeze(parseFreeze([]), PARAMETERS).trainable).toHaveLength(PARAMETERS.length);
  });

  test('a glob reaches into modules, a name only from the front', () => {
    const bn = freeze('*.bn.*');
    expect(bn.frozen.size).toBe(2 * (LAYERS - 1));
    expect([...bn.frozen].every((name) => name.includes('.bn.'))).toBe(true);
    expect(bn.layers).toEqual([]);
    const inner = freeze('model.*.m.0');
    expect([...inner.frozen].every((name) => name.endsWith('.m.0.cv1.conv.weight'))).toBe(true);
    expect(inner.frozen.size).toBe(LAYERS - 1);
    expect(() => freeze('cv1')).toThrow(/matches nothing/);
  });

  test('layers given with the parameters need no names', () => {
    const parameters = [
      { name: 'stem', layer: 0 },
      { name: 'block.w', layer: 1 },
      { name: 'out', layer: 2 },
    ];
    const policy = resolveFreeze(parseFreeze(['2']), parameters);
    expect(policy.trainable).toEqual(['out']);
    expect(policy.groups.map(({ module }) => module)).toEqual(['stem', 'block']);
  });

  test('a name holds its layer anywhere, as checkpoints of wrapped models have it', () => {
    const parameters = [{ name: 'module.model.0.conv.weight' }, { name: 'module.model.1.conv.weight' }];
    expect(resolveFreeze(parseFreeze(['1']), parameters).trainable).toEqual(['module.model.1.conv.weight']);
  });
});

describe('errors name the selector and what there is', () => {
  test.each([
    ['12', /^freeze "12": leaves nothing to train; the layers are 0 to 11$/],
    ['backbone neck head', /leaves nothing to train/],
    ['*', /leaves nothing to train/],
    ['0 12', /^freeze "12": no such layer; the layers are 0 to 11$/],
    ['8-20', /^freeze "8-20": no such layer/],
    ['5-5', /^freeze "5-5": freezes no parameter/],
    ['3-1', /^freeze "3-1": runs backwards; write 1-3$/],
    ['-1', /^freeze "-1": is not a count, a layer, a range/],
    ['1.5', /^freeze "1\.5": is not/],
    ['model.(.*)', /^freeze "model\.\(\.\*\)": is not/],
    ['bakbone', /^freeze "bakbone": matches nothing; close to it: backbone; the layers are 0 to 11$/],
    ['modle.3', /close to it: model\.3; the layers/],
    ['backbone,!model.77', /^freeze "model\.77": matches nothing/],
    ['0-1 !0 !1', /freezes no parameter/],
    ['!model.2', /only says what stays trainable/],
  ])('%s', (text, message) => {
    expect(() => freeze(text)).toThrow(message);
    expect(() => freeze(text)).toThrow(FreezeError);
  });

  test('a section needs a model that has it', () => {
    expect(() => freeze('backbone', {})).toThrow(/matches nothing/);
    expect(() => resolveFreeze(parseFreeze(['1']), [{ name: 'w' }])).toThrow(
      /none of the parameters belongs/,
    );
  });
});

describe('properties', () => {
  const layer = fc.integer({ min: 0, max: LAYERS - 1 });

  test('a count freezes exactly the parameters of the layers before it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: LAYERS - 1 }), (count) => {
        const { frozen, trainable } = freeze(String(count));
        expect([...frozen].every((name) => layerOfName(name) < count)).toBe(true);
        expect(trainable.every((name) => layerOfName(name) >= count)).toBe(true);
      }),
    );
  });

  test('frozen and trainable are the two halves of the list, whatever is chosen', () => {
    fc.assert(
      fc.property(fc.uniqueArray(layer, { minLength: 2, maxLength: LAYERS - 2 }), layer, (layers, drawn) => {
        const kept = drawn === 5 ? 4 : drawn;
        fc.pre(layers.some((l) => l !== 5 && l !== kept));
        const { frozen, trainable, groups } = freeze(`${layers.join(',')} !model.${kept}`);
        expect([...frozen, ...trainable].sort()).toEqual(PARAMETERS.map(({ name }) => name).sort());
        expect(groups.flatMap((group) => group.frozen).sort()).toEqual([...frozen].sort());
      }),
    );
  });

  test('a range is the list of its layers, in any order', () => {
    fc.assert(
      fc.property(layer, layer, (a, b) => {
        const [first, last] = [Math.min(a, b), Math.max(a, b)];
        fc.pre(last - first >= 1 && last - first < LAYERS - 2);
        const listed = Array.from({ length: last - first + 1 }, (_, i) => last - i).join(' ');
        expect(freeze(`${first}-${last}`).frozen).toEqual(freeze(listed).frozen);
      }),
    );
  });

  test('no text makes anything but a selector or a FreezeError', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseFreeze([text]);
        } catch (error) {
          expect(error).toBeInstanceOf(FreezeError);
        }
      }),
    );
  });
});

test('the log has a line per group and the totals', () => {
  expect(describeFreeze(freeze('0 1 model.2.m'), PARAMETERS)).toEqual([
    'freezing model.0: all of its 4 tensors, 368 parameters',
    'freezing model.1: all of its 4 tensors, 368 parameters',
    'freezing model.2: 1 of 4 tensors (m.0.cv1.conv.weight), 64 parameters',
    'frozen: 800 of 4048 parameters in 9 of 44 tensors; batch normalization of frozen layers: eval',
  ]);
  expect(describeFreeze(freeze('0'), PARAMETERS)).toEqual([]);
});

test('batch normalization runs on stored statistics where it is frozen, unless told to train', () => {
  expect(batchNormMode(freeze('1'), 'model.0.cv1.bn')).toBe('running');
  expect(batchNormMode(freeze('1'), 'model.1.cv1.bn')).toBe('batch');
  expect(batchNormMode(freeze('1', { freezeBn: 'train' }), 'model.0.cv1.bn')).toBe('batch');
  expect(batchNormMode(freeze('1', { freezeBn: 'stats' }), 'model.0.cv1.bn')).toBe('tracking');
  expect(batchNormMode(freeze('1', { freezeBn: 'stats' }), 'model.1.cv1.bn')).toBe('batch');
});

test('frozen tensors that start fresh are counted in a warning', () => {
  const policy = { frozen: new Set(['model.0.conv.weight', 'model.1.conv.weight']) };
  expect(freshFrozenWarning(policy, ['model.1.conv.weight', 'model.2.conv.weight'])).toMatch(
    /^1 of the 2 frozen tensors are fresh, not from the weights \(the first is model\.1\.conv\.weight\)/,
  );
  expect(freshFrozenWarning(policy, ['model.2.conv.weight'])).toBeUndefined();
});

import { hypPresets } from '@froyolo/data';
import { describe, expect, test } from 'vitest';
import { resolveSettings, SETTINGS, type TrainOptions } from '../settings/index.js';
import { isFreezeGiven, recipeName, withRecipe } from './apply.js';
import { withFamiliarity } from './learning-rate.js';
import { oneClassLoss } from './one-class.js';
import { autoRecipe, DECISIONS } from './recipe.js';

const facts = (images: number, epochs?: number) => ({ images, batchSize: 16, epochs });

describe('the recipe for a dataset', () => {
  test.each([
    [1, 300, 300],
    [20, 150, 300],
    [50, 75, 300],
    [205, 24, 312],
    [1000, 20, 1260],
  ])('%i images: %i epochs, %i steps', (images, epochs, steps) => {
    const recipe = autoRecipe(facts(images));
    expect([recipe.settings.epochs, recipe.steps]).toEqual([epochs, steps]);
  });

  test('a given length counts', () => {
    expect(autoRecipe(facts(20, 7))).toMatchObject({
      steps: 14,
      settings: { epochs: 7, valPeriod: 1 },
      hyp: { warmup_steps: 3, nbs: 16 },
    });
  });

  test('the backbone is frozen at first, unless what to freeze is given', () => {
    expect(autoRecipe(facts(20))).toMatchObject({
      settings: { freeze: ['backbone'], cache: 'features' },
      hyp: { unfreeze: '0:83' },
    });
    const given: Omit<TrainOptions, 'data'>[] = [
      ...[{ freeze: [10] }, { unfreeze: ['0:3'] }, { rect: true }, { multiScale: true }],
      ...[{ quad: true }, { imageWeights: true }, { cache: 'ram' } as const, { freezeBn: 'train' } as const],
    ];
    expect(given.map((options) => isFreezeGiven({ data: 'd.yaml', ...options }))).toEqual(
      given.map(() => true),
    );
    expect(isFreezeGiven({ data: 'd.yaml', seed: 3 })).toBe(false);
    const { settings, hyp } = autoRecipe({ ...facts(20), isFreezeGiven: true });
    expect([settings.freeze, settings.cache, hyp.unfreeze]).toEqual([undefined, undefined, undefined]);
    expect(autoRecipe(facts(20, 1)).hyp.unfreeze).toBeUndefined();
  });

  test('the fewer the images, the more variants of each are cached', () => {
    const variantsOf = (images: number) => autoRecipe(facts(images)).settings.cacheVariants;
    expect([20, 50, 205].map(variantsOf)).toEqual([17, 8, 4]);
    expect(autoRecipe({ ...facts(20, 40), isFreezeGiven: true }).settings.cacheVariants).toBe(8);
    expect(autoRecipe(facts(5, 3000)).settings.cacheVariants).toBe(50);
    const head = { ...facts(20, 40), isFreezeGiven: true, trained: 'head' } as const;
    expect(autoRecipe(head).settings.cacheVariants).toBe(3);
  });

  test('what the weights know is not lost: slower learning where they detect already', () => {
    const recipe = autoRecipe(facts(20));
    expect([0, 0.15, 0.25, 0.6].map((mAP50) => withFamiliarity(recipe, mAP50).hyp.lr0)).toEqual([
      0.02, 0.02, 0.005, 0.005,
    ]);
    expect(autoRecipe({ ...facts(20), trained: 'head' }).hyp).toMatchObject({ lr0: 0.05, whiten: 0.1 });
    const neck = autoRecipe({ ...facts(20), trained: 'neck and head' });
    expect(neck.hyp).toMatchObject({ lr0: 0.02, whiten: 0.1, lr_scale: 'head=2.5' });
    expect(autoRecipe(facts(20)).hyp).not.toHaveProperty('whiten');
    expect(autoRecipe(facts(20)).hyp).not.toHaveProperty('lr_scale');
    const { ema_decay, ...hyp } = withFamiliarity(recipe, 0.6).hyp;
    expect(hyp).toEqual({ ...recipe.hyp, lr0: 0.005, mosaic: 0 });
    expect((ema_decay ?? 0) ** recipe.steps).toBeCloseTo(0.3, 2);
  });

  test('a single class that starts as another one learns; fresh, or one of several, it does as in YOLOv5', () => {
    const hyp = hypPresets['scratch-low'];
    const dog = { name: 'kangaroo', from: 'dog' };
    expect(oneClassLoss(hyp, [dog])).toEqual({ cls_one: 0.5 });
    for (const classes of [undefined, [{ name: 'kangaroo' }], [dog, { name: 'koala', from: 'bear' }]])
      expect(oneClassLoss(hyp, classes)).toEqual({});
    expect(oneClassLoss({ ...hyp, cls_one: 0 }, [dog])).toEqual({});
  });

  test('each decision settles something, and no two the same', () => {
    const length = { perEpoch: 2, steps: 300, epochs: 150 };
    const names = DECISIONS.flatMap(({ name, decide }) => {
      const { hyp = {}, settings = {} } = decide(facts(20), length);
      const settled = [...Object.keys(hyp), ...Object.keys(settings)];
      expect(settled, name).not.toEqual([]);
      return settled;
    });
    expect(names).toEqual([...new Set(names)]);
  });
});

describe('under what is given', () => {
  const cook = (options: TrainOptions, hyp = hypPresets['scratch-low']) =>
    withRecipe(
      options,
      { settings: resolveSettings(SETTINGS, 'train', options), hyp },
      autoRecipe(facts(20)),
    );

  test('settings that are given stay', () => {
    const { settings, hyp } = cook({ data: 'd.yaml', patience: 3 });
    expect(settings).toMatchObject({ data: 'd.yaml', epochs: 150, patience: 3, valPeriod: 7 });
    expect(hyp).toMatchObject({ lr0: 0.02, nbs: 16, warmup_steps: 30, momentum: 0.937 });
  });

  test('hyperparameters that are given stay', () => {
    const { hyp } = cook({ data: 'd.yaml', hyp: 'VOC' }, { ...hypPresets.VOC, nbs: 64 });
    expect(hyp).toMatchObject({ lr0: 0.00334, nbs: 64, warmup_steps: 30 });
  });

  test('the name of the recipe', () => {
    expect(
      [{}, { time: 60 }, { recipe: 'yolov5', time: 60 } as const, { recipe: 'auto' } as const].map(
        recipeName,
      ),
    ).toEqual(['yolov5', 'auto', 'yolov5', 'auto']);
  });
});

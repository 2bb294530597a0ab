import { describe, expect, test } from 'vitest';
import { formFields, readField } from './fields.js';
import { flagOf, flagSyntax } from './flags.js';
import { parseByteSize } from './kinds.js';
import { differingSettings, recipeOf } from './recipe.js';
import { checkValue, resolveSettings } from './resolve.js';
import { resumeSettings } from './resume.js';
import { defaultIn, rowsIn } from './row.js';
import { SETTINGS } from './table.js';

const COMMANDS = ['train', 'val', 'detect', 'compare', 'params', 'plan', 'page'];
const rowOf = (name: string, command: string) =>
  rowsIn(SETTINGS, command).find((row) => row.name === name) ?? expect.fail(`no ${name}`);

describe('the table', () => {
  test.each(COMMANDS)('%s has each setting once', (command) => {
    const names = rowsIn(SETTINGS, command).map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
    expect(names.length).toBeGreaterThan(3);
  });

  test('defaults are values that the setting may have', () => {
    for (const command of COMMANDS)
      for (const row of rowsIn(SETTINGS, command)) {
        const value = defaultIn(row, command);
        if (value !== undefined) expect(checkValue(row, value)).toEqual(value);
      }
  });

  test('a setting of training says what a resumed run makes of it', () => {
    const silent = rowsIn(SETTINGS, 'train').filter(({ resume }) => resume === undefined);
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  test('switches are off by default', () => {
    const on = SETTINGS.filter(({ kind, ...row }) => kind.values === 'none' && row.default !== false);
    expect(on.map(({ name }) => name)).toEqual([]);
  });

  test('flags follow from names and kinds', () => {
    expect(flagOf({ name: 'agnosticNms' })).toBe('--agnostic-nms');
    expect(
      ['batchSize', 'cache', 'freeze', 'rect', 'resume'].map((name) => flagSyntax(rowOf(name, 'train'))),
    ).toEqual([
      '--batch-size <count>',
      '--cache [what]',
      '--freeze <selectors...>',
      '--rect',
      '--resume [file]',
    ]);
  });
});

describe('resolving', () => {
  test('defaults are those of the command', () => {
    expect(resolveSettings(SETTINGS, 'train', { data: 'd.yaml' })).toMatchObject({
      data: 'd.yaml',
      weights: 'yolov5s.pt',
      batchSize: 16,
      imgsz: 640,
      freeze: ['0'],
      patience: 100,
      project: 'runs/train',
    });
    const detect = resolveSettings(SETTINGS, 'detect', { source: 'a.jpg' });
    expect([detect.source, detect.imgsz, detect.confThres]).toEqual([['a.jpg'], [640], 0.25]);
    expect(resolveSettings(SETTINGS, 'val', { data: 'd.yaml' }).confThres).toBe(0.001);
  });

  test('one value stands for a list of one, a size for bytes, undefined for nothing', () => {
    const options = { data: 'd', freeze: 10, memory: '1.5GB', epochs: undefined };
    expect(resolveSettings(SETTINGS, 'train', options)).toMatchObject({
      freeze: ['10'],
      memory: 1.5e9,
      epochs: 100,
    });
  });

  test.each([
    [{ data: 'd', epochs: 0 }, 'epochs: it must be a whole number from 1 to 1000000, not 0'],
    [{ data: 'd', epochs: Number.NaN }, 'epochs: it must be a whole number'],
    [{ data: 'd', freeze: [] }, 'freeze: it must be a selector'],
    [{ data: 'd', memory: 'much' }, 'memory: it must be a size such as 800MB or 1.5GB, not "much"'],
    [{ data: 'd', optimizer: 'Lion' }, 'optimizer: it must be one of SGD, Adam, AdamW, not "Lion"'],
    [{ data: 'd', batchSize: -2 }, 'batchSize: it must be a whole number of at least 1, or -1'],
    [{}, 'data: it is missing: give the dataset YAML'],
    [{ data: 'd', noSave: true }, 'noSave: "train" has no such setting; it has weights, cfg'],
  ])('%j is refused', (options, message) => {
    // @ts-expect-error: values that the types rule out, as they come from files.
    expect(() => resolveSettings(SETTINGS, 'train', options)).toThrow(message);
  });

  test('the file is named', () => {
    const bad = { data: 'd', epochs: 1.5 };
    expect(() => resolveSettings(SETTINGS, 'train', bad, 'exp/args.yaml')).toThrow('exp/args.yaml: epochs: ');
  });
});

describe('resuming', () => {
  const saved = resolveSettings(SETTINGS, 'train', { data: 'd.yaml', batchSize: 12, imgsz: 320, seed: 3 });
  const resume = (given: Parameters<typeof resumeSettings<typeof SETTINGS, 'train'>>[3]) =>
    resumeSettings(SETTINGS, 'train', saved, given);

  test('what may change changes', () => {
    const { settings, ignored } = resume({ device: 'cpu', data: 'moved.yaml', patience: 5 });
    expect(settings).toEqual({ ...saved, device: 'cpu', data: 'moved.yaml', patience: 5 });
    expect(ignored).toEqual([]);
  });

  test('what is fixed may be given again, and what a run picks by itself as well', () => {
    expect(resume({ imgsz: 320, seed: 3, batchSize: -1, freeze: ['auto'] }).settings).toEqual(saved);
  });

  test('another value of a fixed setting is refused', () => {
    expect(() => resume({ imgsz: 640 })).toThrow('imgsz: the run has 320, not 640: leave it out to go on');
    expect(() => resume({ unfreeze: '10:2' })).toThrow('unfreeze: the run has none, not ["10:2"]');
  });

  test('what only matters at the start is ignored, and said where it differs', () => {
    expect(resume({ weights: 'other.pt', project: 'runs/train', name: 'x' }).ignored).toEqual([
      'weights',
      'name',
    ]);
  });
});

describe('recipes', () => {
  const settings = resolveSettings(SETTINGS, 'compare', { data: 'd.yaml', freeze: [0, 10], epochs: 3 });

  test('hold what all runs share, and nothing of the place and the freezes', () => {
    const recipe = recipeOf(settings);
    expect(recipe).toMatchObject({ data: 'd.yaml', epochs: 3, optimizer: 'SGD' });
    const own = ['freeze', 'seeds', 'project', 'name', 'existOk', 'resume', 'queue', 'store'];
    expect(Object.keys(recipe).filter((name) => own.includes(name))).toEqual([]);
    const settingNames = rowsIn(SETTINGS, 'compare').map(({ name }) => name);
    const unrecorded = settingNames.filter((name) => !rowOf(name, 'compare').recipe);
    expect(unrecorded.sort()).toEqual(own.sort());
  });

  test('are compared setting by setting', () => {
    const other = resolveSettings(SETTINGS, 'compare', { data: 'd.yaml', epochs: 4, lrScale: 'head=2' });
    expect(differingSettings(recipeOf(settings), recipeOf(other))).toEqual(['epochs', 'lrScale']);
    expect(differingSettings(recipeOf(settings), recipeOf(settings))).toEqual([]);
  });
});

describe('the form', () => {
  test('has a field for each setting of the page', () => {
    expect(formFields().map(({ name }) => name)).toEqual(rowsIn(SETTINGS, 'page').map(({ name }) => name));
    expect(formFields()).toContainEqual({
      name: 'epochs',
      label: 'Epochs',
      group: 'main',
      value: 30,
      control: { type: 'number', min: 1, max: 1_000_000 },
      help: 'passes over the training images',
    });
  });

  test('what a field holds becomes a value', () => {
    expect([
      readField('freeze', '0 1 2'),
      readField('unfreeze', ' '),
      readField('epochs', 30),
      readField('optimizer', 'Adam'),
    ]).toEqual([['0', '1', '2'], undefined, 30, 'Adam']);
  });
});

test.each<[string, number | undefined]>([
  ['1GB', 1e9],
  ['1.5 GiB', 1.5 * 2 ** 30],
  ['800mb', 8e8],
  ['512B', 512],
  ...['', '1', 'GB', '-1GB', '1 pound', '0MB', '1e9B'].map((bad): [string, undefined] => [bad, undefined]),
])('%j is a size of %s bytes', (written, bytes) => {
  expect(parseByteSize(written)).toBe(bytes);
});

import { expect, test } from 'vitest';
import { parseDatasetYaml } from './dataset-yaml.js';
import { ConfigError } from './errors.js';
import { hypPresets, parseHyp } from './hyp.js';
import { parseYaml } from './yaml.js';

const dataset = (text: string) => parseDatasetYaml(text, 'data.yaml');

test('reads every way to name splits and classes', () => {
  expect(
    dataset('path: ../d\ntrain: images/train\nval: [a, b.txt]\ntest:\nnc: 2\nnames: [cat, 7]\n'),
  ).toEqual({
    path: '../d',
    train: ['images/train'],
    val: ['a', 'b.txt'],
    test: [],
    names: ['cat', '7'],
  });
  expect(dataset('train: x\nnames: {1: b, 0: a}\ndownload: rm -rf /').names).toEqual(['a', 'b']);
  expect(dataset('train: x\nnames: {"0": a, "1": 010}').names).toEqual(['a', '010']);
});

test('lines of old Macs, aliases and merge keys are read; names stay as they are written', () => {
  expect(dataset('path: d\rtrain: x\rnames: [a]\r')).toMatchObject({ path: 'd', train: ['x'], names: ['a'] });
  const split = 'usual: &u {train: x, val: y}\n';
  expect(dataset(`${split}<<: *u\nval: z\nnames: [a]`)).toMatchObject({ train: ['x'], val: ['z'] });
  expect(dataset('n: &n [02146, b]\ntrain: x\nnames: *n').names).toEqual(['02146', 'b']);
  expect(dataset('n: &n {0: 1.50, 1: b}\ntrain: x\nnames: {<<: *n, 2: c}').names).toEqual(['1.50', 'b', 'c']);
  const two = 'a: &a {lr0: 0.1, lrf: 0.2}\nb: &b {lr0: 0.3, momentum: 0.4}\n';
  expect(parseYaml(`${two}c: {<<: [*a, *b], lrf: 0.5}`, 'h.yaml').value).toMatchObject({
    c: { lr0: 0.1, lrf: 0.5, momentum: 0.4 },
  });
});

test('names by the thousand, and maps that are merged again and again, take no time to speak of', () => {
  const entries = Array.from({ length: 6000 }, (_, i) => `${i}: c${i}`).join(', ');
  expect(dataset(`train: x\nnames: {${entries}}`).names[5999]).toBe('c5999');
  const merges = Array.from({ length: 30 }, (_, i) => `m${i}: {<<: *a}`).join('\n');
  expect(() => dataset(`%YAML 1.1\n---\na: &a {${entries}}\n${merges}\nnames: [a]`)).toThrow(
    'data.yaml: can\'t be used as YAML: "<<" makes more than 100000 entries',
  );
});

test.each([
  ['train: x\nnames: {0: a, 2: c}', 'data.yaml:2: names has 2 classes but no index 1 (found 0, 2)'],
  ['train: x\nnames:\n  1: a', 'data.yaml:3: names counts its 1 classes from 1; count them from 0'],
  ['train: x\nnc: 3\nnames: [a]', 'data.yaml:2: nc is 3 but names has 1 entries'],
  ['train: x\nnc: 0\nnames: [a]', 'data.yaml:2: "nc"'],
  ['train: x', '"names" is missing: names must be a list of class names'],
  ['train: x\nnames: []', 'names is empty'],
  ['train: {a: 1}\nnames: [a]', 'data.yaml:1: "train"'],
  ['train: [x\nnames: [a]', 'data.yaml:2'],
  ['names: [a]\nnames: [b]', 'data.yaml:2'],
  ['train: &t {a: 1}\nval: *t\nnames: [a]', 'data.yaml:1: "train"'],
  ['<<: 3\nnames: [a]', 'data.yaml: can\'t be used as YAML: "<<" must name a map, or a list of maps'],
  ['train: x\nnames: {0: a, "0": b}', 'data.yaml:2: the key "0" stands here a second time'],
  ['just text', 'data.yaml: is not as expected'],
])('%j is refused with its place', (text, message) => {
  expect(() => dataset(text)).toThrow(ConfigError);
  expect(() => dataset(text)).toThrow(message);
});

test('hyperparameters default to scratch-low, and every preset is valid', () => {
  expect(parseHyp('', 'hyp.yaml')).toEqual(hypPresets['scratch-low']);
  expect(hypPresets['scratch-low']).toMatchObject({
    lr0: 0.01,
    box: 0.05,
    hsv_s: 0.7,
    scale: 0.5,
    mosaic: 1,
    anchor_t: 4,
  });
  for (const preset of Object.values(hypPresets)) {
    const text = Object.entries(preset).map(([key, value]) => `${key}: ${value}`);
    expect(parseHyp(text.join('\n'), 'hyp.yaml')).toEqual(preset);
  }
});

test.each([
  ['lr0: 0.1\nfliplr: 1.5', 'h.yaml:2: "fliplr": it must be at most 1, not 1.5'],
  ['lr0: fast', 'h.yaml:1: "lr0": it must be a number, not "fast"'],
  ['shear: 90', 'h.yaml:1: "shear": it must be less than 90, not 90'],
  ['unfreeze: {a: 1}', 'h.yaml:1: "unfreeze": it must be text, not a map'],
  ['lr0: 0.1\n\nlearning_rate: 0.1', 'h.yaml:3: unknown hyperparameter "learning_rate"'],
  ['- 1', 'h.yaml:1: hyperparameters are a map'],
  ['lr0: .nan', 'h.yaml:1: "lr0"'],
])('hyperparameters %j are refused with their place', (text, message) => {
  expect(() => parseHyp(text, 'h.yaml')).toThrow(ConfigError);
  expect(() => parseHyp(text, 'h.yaml')).toThrow(message);
});

import { expect, test } from 'vitest';
import { parseDatasetYaml } from './dataset-yaml.js';
import { ConfigError } from './errors.js';
import { hypPresets, parseHyp } from './hyp.js';

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

test.each([
  ['train: x\nnames: {0: a, 2: c}', 'data.yaml:2: names has 2 classes but no index 1 (found 0, 2)'],
  ['train: x\nnames:\n  1: a', 'data.yaml:3: names counts its 1 classes from 1; count them from 0'],
  ['train: x\nnc: 3\nnames: [a]', 'data.yaml:2: nc is 3 but names has 1 entries'],
  ['train: x\nnc: 0\nnames: [a]', 'data.yaml:2: "nc"'],
  ['train: x', '"names"'],
  ['train: x\nnames: []', 'names is empty'],
  ['train: {a: 1}\nnames: [a]', 'data.yaml:1: "train"'],
  ['train: [x\nnames: [a]', 'data.yaml:2'],
  ['names: [a]\nnames: [b]', 'data.yaml:2'],
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
  ['lr0: 0.1\nfliplr: 1.5', 'h.yaml:2: "fliplr"'],
  ['lr0: fast', 'h.yaml:1: "lr0"'],
  ['lr0: 0.1\n\nlearning_rate: 0.1', 'h.yaml:3: unknown hyperparameter "learning_rate"'],
  ['- 1', 'h.yaml:1: hyperparameters are a map'],
  ['lr0: .nan', 'h.yaml:1: "lr0"'],
])('hyperparameters %j are refused with their place', (text, message) => {
  expect(() => parseHyp(text, 'h.yaml')).toThrow(ConfigError);
  expect(() => parseHyp(text, 'h.yaml')).toThrow(message);
});

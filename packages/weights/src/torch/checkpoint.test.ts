import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { noShared, sharedJson, sharedNote, sharedPath } from '@froyolo/testing';
import { describe, expect, test } from 'vitest';
import { matchTensors } from '../match.js';
import { float32Tensor, type TensorData, toFloat16, toFloat32 } from '../tensor.js';
import { type Item, type Pickler, TensorItem, writeTorch } from '../testing/pickle-writer.js';
import { loadTorchCheckpoint } from './checkpoint.js';

const fixture = (name: string) =>
  new Uint8Array(readFileSync(join(import.meta.dirname, '../fixtures', name)));
const YOLOV5N = 'weights/yolov5n.pt';

interface Expected {
  [file: string]: {
    [name: string]: { dtype: string; shape: number[]; values: (number | boolean | string)[] };
  };
}
const expected = JSON.parse(new TextDecoder().decode(fixture('torch-2.9.json'))) as Expected;

/** Values as the fixture's JSON has them, every element exactly. */
function plain({ dtype, shape, data }: TensorData): Expected[string][string] {
  const floats = dtype === 'float16' || dtype === 'bfloat16' ? toFloat32({ dtype, shape, data }) : data;
  const values = Array.from(floats as ArrayLike<number | bigint>, (value) => {
    if (dtype === 'bool') return value === 1;
    return value === Number.POSITIVE_INFINITY ? 'inf' : Number(value);
  });
  return { dtype, shape: [...shape], values };
}

const asPlain = (tensors: ReadonlyMap<string, TensorData>) =>
  Object.fromEntries([...tensors].map(([name, tensor]) => [name, plain(tensor)]));

describe('files of PyTorch 2.9', () => {
  test('a state dict: every type, transposed and offset views, scalar and empty tensors', () => {
    const checkpoint = loadTorchCheckpoint(fixture('torch-2.9-state-dict.pt'));
    expect(asPlain(checkpoint.tensors)).toEqual(expected['state-dict']);
    expect(checkpoint.source).toBe('state_dict');
  });

  test('a training checkpoint: EMA before model, channels last, non-persistent buffer left out', () => {
    // The fixture's classes are those of its script.
    const { tensors, classes, ...rest } = loadTorchCheckpoint(fixture('torch-2.9-model.pt'));
    expect(classes).toBeDefined();
    expect(asPlain(tensors)).toEqual(expected.model);
    expect([...tensors.keys()]).toEqual(Object.keys(expected.model));
    expect(rest).toEqual({
      source: 'ema',
      yaml: { nc: 2, backbone: [[-1, 1, 'Conv', [64, 6, 2, 2]]] },
      names: ['cat', 'dog'],
      numClasses: 2,
      stride: [8, 16],
      anchors: [
        [10, 13, 16, 30],
        [30, 61, 62, 45],
      ],
      epoch: 7,
      hyp: { lr0: 0.01 },
      args: { imgsz: 320, freeze: [0, 1] },
      meta: { updates: 3, date: '2024' },
    });
  });
});

describe('layouts', () => {
  const weight = toFloat16(float32Tensor([2], Float32Array.of(1, -0.5)));
  const convolution = (pickler: Pickler) =>
    pickler.module('Conv', { _parameters: { weight: new TensorItem(weight), bias: null } });
  const model = (pickler: Pickler, more: { [key: string]: Item } = {}) =>
    pickler.module('Model', { _modules: { '0': convolution(pickler) }, ...more });
  const load = (make: (pickler: Pickler) => Item) => loadTorchCheckpoint(writeTorch(make));

  test('model when there is no EMA; names as a list', () => {
    const checkpoint = load((p) => ({ ema: null, model: model(p, { names: ['a', 'b'] }), epoch: -1 }));
    expect(checkpoint).toEqual({
      source: 'model',
      tensors: new Map([['0.weight', weight]]),
      names: ['a', 'b'],
      numClasses: 2,
      epoch: -1,
    });
  });

  test('names as a map are put in order of their indices', () => {
    const names = { '10': 'k', '2': 'c', '1': 'b' };
    expect(load((p) => ({ model: model(p, { names }) })).names).toEqual(['b', 'c', 'k']);
  });

  test('a module saved alone, and one in DataParallel', () => {
    expect([...load((p) => model(p)).tensors.keys()]).toEqual(['0.weight']);
    const wrapped = load((p) => ({ model: p.module('DataParallel', { _modules: { module: model(p) } }) }));
    expect([...wrapped.tensors.keys()]).toEqual(['0.weight']);
  });

  test('state dicts: bare, named, from DataParallel', () => {
    const dict = { a: new TensorItem(weight) };
    const values: Item[] = [
      dict,
      { state_dict: dict },
      { model: dict },
      { 'module.a': new TensorItem(weight) },
    ];
    for (const value of values) {
      expect(load(() => value).tensors).toEqual(new Map([['a', weight]]));
    }
  });

  test('tied weights share a storage', () => {
    const tied = {
      a: new TensorItem(weight, { key: '0' }),
      b: new TensorItem(weight, { key: '0', shape: [1], offset: 1 }),
    };
    const { tensors } = load(() => tied);
    expect([...toFloat32(tensors.get('b')!)]).toEqual([-0.5]);
  });
});

describe.skipIf(noShared(YOLOV5N))(`the released yolov5n.pt${sharedNote(YOLOV5N)}`, () => {
  const checkpoint = noShared(YOLOV5N)
    ? undefined!
    : loadTorchCheckpoint(new Uint8Array(readFileSync(sharedPath(YOLOV5N))));

  test('names and shapes are those of the reference', () => {
    const golden = sharedJson('architectures') as {
      yolov5n: { named_parameters: [string, number[]][] };
    };
    const buffer = /\.(running_mean|running_var|num_batches_tracked|anchors|anchor_grid)$/;
    const parameters = [...checkpoint.tensors].filter(([name]) => !buffer.test(name));
    expect(parameters.map(([name, { shape }]) => [name, shape])).toEqual(golden.yolov5n.named_parameters);
    expect(parameters.reduce((sum, [, { data }]) => sum + data.length, 0)).toBe(1872157);
    expect(checkpoint.tensors.size).toBe(350);
  });

  test('the description is read', () => {
    const { source, numClasses, names, stride, anchors, epoch, yaml } = checkpoint;
    expect({ source, numClasses, stride, epoch }).toEqual({
      source: 'model',
      numClasses: 80,
      stride: [8, 16, 32],
      epoch: -1,
    });
    expect([names?.length, names?.[0], names?.[79]]).toEqual([80, 'person', 'toothbrush']);
    expect(anchors).toEqual(yaml?.anchors);
    expect(yaml).toMatchObject({ nc: 80, depth_multiple: 0.33, width_multiple: 0.25 });
  });

  // Sum and Euclidean norm in float64, computed by PyTorch from the same storages.
  test.each([
    ['model.0.conv.weight', -0.9326700568199158, 5.3189412531460265],
    ['model.9.cv2.conv.weight', 9.2705859541893, 7.878003943749569],
    ['model.10.bn.running_var', 4.704734802246094, 0.47977503706529195],
    ['model.24.m.2.bias', -1393.9120626449585, 90.2319958294436],
    ['model.24.anchor_grid', 1760.0, 601.395044874831],
  ])('values of %s', (name, sum, norm) => {
    const values = Array.from(toFloat32(checkpoint.tensors.get(name)!));
    expect(values.reduce((a, b) => a + b, 0)).toBeCloseTo(sum, 9);
    expect(Math.sqrt(values.reduce((a, b) => a + b * b, 0))).toBeCloseTo(norm, 9);
  });

  test('another number of classes keeps 343 of 349 tensors', () => {
    // Today's detection layer has no anchor_grid; six of its tensors depend on the number of classes.
    const shapes = [...checkpoint.tensors]
      .filter(([name]) => name !== 'model.24.anchor_grid')
      .map(([name, { shape }]) => ({ name, shape: shape[0] === 255 ? [24, ...shape.slice(1)] : shape }));
    const match = matchTensors(checkpoint.tensors, shapes);
    expect([shapes.length, match.matched.size, match.mismatched.length]).toEqual([349, 343, 6]);
    expect(match.unexpected).toEqual(['model.24.anchor_grid']);
  });
});

import { describe, expect, test } from 'vitest';
import { DTYPES, float32Tensor, type TensorData, type TensorDtype } from '../tensor.js';
import { openZip } from '../zip.js';
import { loadTorchCheckpoint } from './checkpoint.js';
import { fromJson, type TorchModule, TorchWriter, writeStateDict } from './write.js';

const bytesOf = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 37) % 2);

const everyDtype = new Map<string, TensorData>(
  Object.entries(DTYPES).map(([dtype, { array, bytes }]) => [
    `t.${dtype}`,
    { dtype: dtype as TensorDtype, shape: [2, 3], data: new array(bytesOf(6 * bytes).buffer) },
  ]),
);

describe('a state dict', () => {
  test('comes back with every type, shape and bit', () => {
    const tensors = new Map([
      ...everyDtype,
      ['scalar', float32Tensor([], Float32Array.of(-0))] as const,
      ['empty', float32Tensor([0, 4], new Float32Array(0))] as const,
    ]);
    const read = loadTorchCheckpoint(writeStateDict(tensors));
    expect(read.source).toBe('state_dict');
    expect(read.tensors).toEqual(tensors);
    expect([...read.tensors.keys()]).toEqual([...tensors.keys()]);
  });

  test('is written alike twice, with its contents at multiples of 64 bytes', () => {
    const file = writeStateDict(everyDtype);
    expect(writeStateDict(everyDtype)).toEqual(file);
    const archive = openZip(file);
    for (const name of archive.names) {
      const contents = archive.read(name);
      expect((contents.byteOffset - file.byteOffset) % 64, name).toBe(0);
    }
  });
});

const leaf = (type: string, more: Partial<TorchModule> = {}): TorchModule => ({
  type,
  attributes: new Map(),
  parameters: new Map(),
  buffers: new Map(),
  children: new Map(),
  ...more,
});

test('a model comes back with its tensors under their names and its attributes', () => {
  const writer = new TorchWriter();
  const weight = float32Tensor([2], Float32Array.of(1, 2));
  const count: TensorData = { dtype: 'int64', shape: [], data: BigInt64Array.of(7n) };
  const conv = leaf('torch.nn.modules.conv.Conv2d', {
    parameters: new Map([
      ['weight', weight],
      ['bias', null],
    ]),
  });
  const bn = leaf('torch.nn.modules.batchnorm.BatchNorm2d', {
    buffers: new Map([['num_batches_tracked', count]]),
  });
  const root = leaf('models.yolo.DetectionModel', {
    attributes: new Map([
      [
        'names',
        new Map([
          [0, 'a'],
          [1, 'ü’😀'],
        ]),
      ],
      ['yaml', fromJson({ nc: 2, depth_multiple: 0.33, list: [1, -5, 2 ** 40, 'None', null, true] })],
      ['stride', writer.tensor(float32Tensor([1], Float32Array.of(8)))],
    ]),
    children: new Map([
      ['0', conv],
      ['1', bn],
    ]),
  });
  const value = writer.module(root);
  const file = writer.file(
    new Map([
      ['epoch', -1],
      ['model', value],
    ]),
  );
  expect(loadTorchCheckpoint(file)).toEqual({
    tensors: new Map([
      ['0.weight', weight],
      ['1.num_batches_tracked', count],
    ]),
    source: 'model',
    names: ['a', 'ü’😀'],
    numClasses: 2,
    stride: [8],
    epoch: -1,
    yaml: { nc: 2, depth_multiple: 0.33, list: [1, -5, 2 ** 40, 'None', null, true] },
  });
});

test('a tensor that stands in two places is stored once', () => {
  const tied = float32Tensor([1000], new Float32Array(1000));
  const file = writeStateDict(
    new Map([
      ['a', tied],
      ['b', tied],
    ]),
  );
  expect(file.length).toBeLessThan(6000);
  expect(loadTorchCheckpoint(file).tensors.get('b')).toEqual(tied);
});

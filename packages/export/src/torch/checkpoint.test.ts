import { readFileSync } from 'node:fs';
import { architectureYaml, buildModel, initialize, parseModelYaml } from '@froyolo/model-yaml';
import { noShared, sharedNote, sharedPath } from '@froyolo/testing';
import { type Checkpoint, loadTorchCheckpoint, type TensorData } from '@froyolo/weights';
import { describe, expect, test } from 'vitest';
import { writeTorchCheckpoint } from './checkpoint.js';

const WEIGHTS = 'weights/yolov5n.pt';

const bytesOf = ({ data }: TensorData) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** Fresh weights of an architecture as a checkpoint. */
function fresh(yaml: string): Checkpoint {
  const spec = parseModelYaml(yaml, { numClasses: 2 });
  const model = buildModel(spec);
  const tensors = new Map<string, TensorData>();
  for (const [name, { dtype, shape, data }] of initialize(model, 0))
    tensors.set(
      name,
      dtype === 'float32'
        ? { dtype, shape, data: Float32Array.from(data) }
        : { dtype: 'int64', shape, data: BigInt64Array.from(data, BigInt) },
    );
  return {
    tensors,
    source: 'ema',
    names: ['cat', 'dog'],
    numClasses: 2,
    stride: model.strides,
    yaml: JSON.parse(JSON.stringify(spec.source)),
    anchors: model.anchors.map((level) => level.flat()),
  };
}

describe('a checkpoint written for YOLOv5', () => {
  test.each(['yolov5n', 'yolov5n6'] as const)('of a thin %s comes back as it was', (name) => {
    const checkpoint = fresh(architectureYaml(name).replace('width_multiple: 0.25', 'width_multiple: 0.02'));
    const { args, meta, ...read } = loadTorchCheckpoint(writeTorchCheckpoint(checkpoint));
    expect(read.tensors).toEqual(checkpoint.tensors);
    expect(read).toEqual({ ...checkpoint, source: 'model', epoch: -1 });
  });

  test('of an unfinished run comes back with what is trained and the optimizer’s values', () => {
    const checkpoint = fresh(
      architectureYaml('yolov5n').replace('width_multiple: 0.25', 'width_multiple: 0.02'),
    );
    const floats = [...checkpoint.tensors].flatMap(([name, { shape, data }]) =>
      data instanceof Float32Array ? [[name, { shape, data }] as const] : [],
    );
    const scaled = (factor: number) =>
      new Map(
        floats.map(([name, { shape, data }]) => [
          name,
          {
            dtype: 'float32',
            shape,
            data: data.map((value) => factor * value),
          } as const,
        ]),
      );
    const trained = new Set(
      buildModel(parseModelYaml(checkpoint.yaml ?? '')).parameters.map(({ name }) => name),
    );
    const momentum = new Map([...scaled(3)].filter(([name]) => trained.has(name)));
    const optimizer = { name: 'SGD', step: 7, lr: 0.01, initialLr: 0.01, momentum: 0.9, weightDecay: 5e-4 };
    const bytes = writeTorchCheckpoint({
      ...checkpoint,
      epoch: 4,
      optimizer,
      groups: { raw: scaled(2), momentum },
    });
    const read = loadTorchCheckpoint(bytes);
    expect(read.source).toBe('ema');
    expect(read).toMatchObject({ epoch: 4, meta: { updates: 7 } });
    expect(read.tensors).toEqual(checkpoint.tensors);
    expect(read.groups?.momentum).toEqual(momentum);
    const raw = [...(read.groups?.raw ?? [])].filter(([, { dtype }]) => dtype === 'float32');
    expect(new Map(raw)).toEqual(scaled(2));
  });

  test('lacks nothing: a missing tensor is an error that names it', () => {
    const checkpoint = fresh(architectureYaml('yolov5n'));
    const tensors = new Map(checkpoint.tensors);
    tensors.delete('model.9.cv1.bn.weight');
    expect(() => writeTorchCheckpoint({ ...checkpoint, tensors })).toThrow('model.9.cv1.bn.weight');
  });

  test('needs an architecture', () => {
    const { yaml, ...bare } = fresh(architectureYaml('yolov5n'));
    expect(() => writeTorchCheckpoint(bare)).toThrow('--cfg');
  });

  test.skipIf(noShared(WEIGHTS))(
    `read from yolov5n.pt, written and read again: tensor for tensor, in their order${sharedNote(WEIGHTS)}`,
    () => {
      const checkpoint = loadTorchCheckpoint(readFileSync(sharedPath(WEIGHTS)));
      const read = loadTorchCheckpoint(writeTorchCheckpoint(checkpoint));
      // Detect's `anchor_grid` of releases before v6.1 is rebuilt from the anchors.
      const expected = [...checkpoint.tensors].filter(([name]) => !name.endsWith('.anchor_grid'));
      expect([...read.tensors.keys()]).toEqual(expected.map(([name]) => name));
      for (const [name, tensor] of expected) {
        const same = read.tensors.get(name);
        if (!same) throw new Error(`${name} is missing`);
        expect(same.dtype, name).toBe(tensor.dtype);
        expect(same.shape, name).toEqual(tensor.shape);
        expect(Buffer.compare(bytesOf(same), bytesOf(tensor)), name).toBe(0);
      }
      expect(read.names).toEqual(checkpoint.names);
      expect(read.hyp).toEqual(checkpoint.hyp);
    },
  );
});

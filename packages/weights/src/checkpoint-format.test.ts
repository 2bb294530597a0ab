import { describe, expect, test } from 'vitest';
import type { Checkpoint } from './checkpoint.js';
import { readCheckpoint, writeCheckpoint } from './checkpoint-format.js';
import { CheckpointError } from './errors.js';
import { loadCheckpoint } from './load.js';
import { readSafetensors, writeSafetensors } from './safetensors.js';
import { float32Tensor, type TensorData } from './tensor.js';

const one = (value: number): Map<string, TensorData> =>
  new Map([['model.0.conv.weight', float32Tensor([1], Float32Array.of(value))]]);

const checkpoint: Checkpoint = {
  tensors: one(1),
  source: 'ema',
  yaml: { nc: 2, anchors: [[10, 13]], backbone: [[-1, 1, 'Conv', [64, 6, 2, 2]]] },
  names: ['cat', 'dög'],
  numClasses: 2,
  stride: [8],
  anchors: [[10, 13]],
  epoch: 4,
  bestFitness: 0.4437,
  hyp: { lr0: 0.01 },
  args: { imgsz: 320, freeze: [0, 1], resume: false, name: null },
  optimizer: { name: 'SGD', step: 52, lr: 0.01 },
  groups: { raw: one(2), 'momentum 0': one(3) },
  meta: { created: 'today' },
};

describe('own format', () => {
  test('keeps everything that --resume needs', () => {
    expect(readCheckpoint(writeCheckpoint(checkpoint))).toEqual(checkpoint);
    expect(loadCheckpoint(writeCheckpoint(checkpoint), 'last.safetensors')).toEqual({
      ...checkpoint,
      file: 'last.safetensors',
    });
  });

  test('a byte that changed since is found, wherever it is', () => {
    const bytes = writeCheckpoint(checkpoint);
    const header = new TextDecoder().decode(bytes);
    for (const at of [header.indexOf('"names"') + 14, header.indexOf('F32'), bytes.length - 1]) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      expect(() => loadCheckpoint(damaged, 'last.safetensors')).toThrow(/last\.safetensors/);
    }
    const flipped = bytes.slice();
    flipped[bytes.length - 1] = (flipped[bytes.length - 1] ?? 0) ^ 128;
    expect(() => readCheckpoint(flipped)).toThrow(/checksum.*take another copy/);
  });

  test('one without a checksum, as earlier versions wrote, or changed on purpose, is read', () => {
    const bytes = writeCheckpoint(checkpoint);
    const { tensors, metadata } = readSafetensors(bytes);
    const { crc32, ...rest } = metadata;
    expect(crc32).toMatch(/^[\da-f]{8}$/);
    expect(readCheckpoint(writeSafetensors(tensors, rest))).toEqual(checkpoint);
    // Kept by a program that knows nothing of it.
    expect(() => readCheckpoint(writeSafetensors(tensors, { ...rest, crc32 }))).toThrow(/"crc32" has to go/);
  });

  test('weights alone are a checkpoint too', () => {
    const minimal: Checkpoint = { tensors: one(1), source: 'model' };
    expect(readCheckpoint(writeCheckpoint(minimal))).toEqual(minimal);
  });

  test('any safetensors file reads as a state dict', () => {
    const read = readCheckpoint(writeSafetensors(one(1), { format: 'pt' }));
    expect(read).toEqual({ tensors: one(1), source: 'state_dict', meta: { format: 'pt' } });
  });

  test('refuses ambiguous names', () => {
    expect(() =>
      writeCheckpoint({ ...checkpoint, tensors: new Map([['@raw/a', one(1).values().next().value!]]) }),
    ).toThrow(/"@raw\/a"/);
    expect(() => writeCheckpoint({ ...checkpoint, groups: { 'a/b': one(1) } })).toThrow(/"a\/b"/);
  });

  test('refuses to write a figure that JSON cannot hold', () => {
    expect(() => writeCheckpoint({ ...checkpoint, bestFitness: Number.NaN })).toThrow(
      /"bestFitness" is null/,
    );
  });

  test.each([
    ['another version', { format_version: '2' }, /version 2/],
    ['malformed names', { names: '[1]' }, /"names" is malformed/],
    ['malformed JSON', { yaml: '{' }, /"yaml" is malformed/],
    ['an optimizer without a step', { optimizer: '{"name":"SGD"}' }, /"optimizer" is malformed/],
  ])('refuses %s, naming the file', (_, change, message) => {
    const bytes = writeSafetensors(one(1), { format: 'froyolo', format_version: '1', ...change });
    expect(() => loadCheckpoint(bytes, 'best.safetensors')).toThrow(CheckpointError);
    expect(() => loadCheckpoint(bytes, 'best.safetensors')).toThrow(message);
    expect(() => loadCheckpoint(bytes, 'best.safetensors')).toThrow(/best\.safetensors/);
  });
});

test('an exported network is named as what it is', () => {
  expect(() => loadCheckpoint(Uint8Array.of(8, 9), 'best.onnx')).toThrow(
    'An exported network is no checkpoint (best.onnx). Pass the .pt or .safetensors file that it was made of.',
  );
});

import { describe, expect, test } from 'vitest';
import { CheckpointError } from './errors.js';
import { readSafetensors, writeSafetensors } from './safetensors.js';
import { float32Tensor, type TensorData } from './tensor.js';

const tensors = new Map<string, TensorData>([
  ['10', { dtype: 'bool', shape: [3], data: Uint8Array.from([1, 0, 1]) }],
  ['__proto__', float32Tensor([2, 1], Float32Array.from([1.5, -2]))],
  ['2', { dtype: 'int64', shape: [], data: BigInt64Array.from([-(2n ** 40n)]) }],
  ['empty', float32Tensor([0, 4], new Float32Array(0))],
  ['half', { dtype: 'float16', shape: [1], data: Uint16Array.from([0x3c00]) }],
]);

/** A file of the given header and number of data bytes. */
function file(header: unknown, dataBytes: number, claimed?: bigint): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const out = new Uint8Array(8 + text.length + dataBytes);
  new DataView(out.buffer).setBigUint64(0, claimed ?? BigInt(text.length), true);
  out.set(text, 8);
  return out;
}

const f32 = (begin: number, end: number, shape = [(end - begin) / 4]) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

describe('round trip', () => {
  test('keeps names, types, shapes, values and metadata', () => {
    const read = readSafetensors(writeSafetensors(tensors, { note: 'a "quoted"\ntext', __proto__x: '1' }));
    expect(read.metadata).toEqual({ note: 'a "quoted"\ntext', __proto__x: '1' });
    expect([...read.tensors.keys()].sort()).toEqual([...tensors.keys()].sort());
    for (const [name, tensor] of tensors) expect(read.tensors.get(name)).toEqual(tensor);
  });

  test('each tensor is aligned to its element size', () => {
    const bytes = writeSafetensors(tensors);
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    expect(length % 8).toBe(0);
    expect(header['2'].data_offsets[0] % 8).toBe(0);
    expect(header.half.data_offsets[0] % 2).toBe(0);
  });

  test('a view into a larger array is written alone', () => {
    const view = new Float32Array([9, 1, 2, 9]).subarray(1, 3);
    const read = readSafetensors(writeSafetensors(new Map([['v', float32Tensor([2], view)]])));
    expect(read.tensors.get('v')?.data).toEqual(Float32Array.from([1, 2]));
  });
});

describe('refuses', () => {
  const cases: [string, Uint8Array, RegExp][] = [
    ['a file of seven bytes', new Uint8Array(7), /7 bytes/],
    ['a header longer than the file', file({}, 0, 100n), /header of 100 bytes/],
    ['a header of 2^63 bytes', file({}, 0, 2n ** 63n), /header of 9223372036854775808 bytes/],
    ['a header that is no JSON', file('{"a":', 0), /no JSON/],
    ['a header that is a list', file([], 0), /no JSON object/],
    ['overlapping tensors', file({ a: f32(0, 8), b: f32(4, 12) }, 12), /"b" begins at byte 4/],
    ['a gap', file({ a: f32(0, 4), b: f32(8, 12) }, 12), /"b" begins at byte 8/],
    ['a tensor past the end', file({ a: f32(0, 8) }, 4), /take 8 bytes/],
    ['bytes after the last tensor', file({ a: f32(0, 4) }, 8), /take 4 bytes/],
    ['offsets that run backwards', file({ a: f32(8, 4, [1]) }, 8), /its offsets give -4/],
    ['a shape that does not fit', file({ a: f32(0, 4, [2]) }, 4), /needs 8 bytes/],
    ['a shape that overflows', file({ a: f32(0, 4, [2 ** 40, 2 ** 40]) }, 4), /needs/],
    ['a negative size', file({ a: f32(0, 4, [-1]) }, 4), /malformed shape/],
    ['an unknown type', file({ a: { ...f32(0, 4), dtype: 'F8_E4M3' } }, 4), /unknown type "F8_E4M3"/],
    ['metadata that is no text', file({ __metadata__: { a: 1 } }, 0), /__metadata__/],
    [
      'a name twice',
      file('{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\\u0061" : 1}', 0),
      /"a" twice/,
    ],
    ['deep nesting', file('['.repeat(100_000), 0), /no JSON/],
  ];
  test.each(cases)('%s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(CheckpointError);
    expect(() => readSafetensors(bytes)).toThrow(message);
  });

  test('no text for its length or its escapes alone', () => {
    for (const part of ['a', '\n']) {
      const note = part.repeat(4_000_000);
      expect(readSafetensors(writeSafetensors(new Map(), { note })).metadata.note).toBe(note);
    }
  });

  test('a file cut anywhere', () => {
    const bytes = writeSafetensors(tensors, { a: 'b' });
    for (let length = 0; length < bytes.length; length++) {
      expect(() => readSafetensors(bytes.subarray(0, length))).toThrow(CheckpointError);
    }
  });

  test('to write data that does not fit its shape', () => {
    const wrong: TensorData = { dtype: 'float32', shape: [3], data: new Float32Array(2) };
    expect(() => writeSafetensors(new Map([['w', wrong]]))).toThrow(/"w" float32 \[3\] has 8 bytes/);
  });
});

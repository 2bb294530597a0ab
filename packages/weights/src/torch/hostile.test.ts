import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CheckpointError } from '../errors.js';
import { float32Tensor } from '../tensor.js';
import { call, global, type Item, op, Pickler, TensorItem, writeTorch } from '../testing/pickle-writer.js';
import { concat, writeZip } from '../testing/zip-writer.js';
import { openZip } from '../zip.js';
import { loadTorchCheckpoint } from './checkpoint.js';

const fixture = new Uint8Array(readFileSync(join(import.meta.dirname, '../fixtures/torch-2.9-model.pt')));
const tensor = float32Tensor([4], Float32Array.of(1, 2, 3, 4));
const tensorWith = (change: TensorItem['change']): Item => ({ w: new TensorItem(tensor, change) });

/** Loads, and lets only a typed error pass: anything else is a defect of the reader. */
function loads(bytes: Uint8Array): boolean {
  try {
    loadTorchCheckpoint(bytes);
    return true;
  } catch (error) {
    if (error instanceof CheckpointError) return false;
    throw error;
  }
}

describe('damage', () => {
  test('a file cut at any byte is refused', () => {
    for (let length = 0; length < fixture.length; length++) {
      if (loads(fixture.subarray(0, length)))
        throw new Error(`${length} of ${fixture.length} bytes were accepted`);
    }
  });

  test('a pickle cut at any byte is refused', () => {
    const archive = openZip(fixture);
    const others = archive.names.filter((name) => !name.endsWith('/data.pkl'));
    const rest = others.map((name) => ({ name, data: archive.read(name) }));
    const name = archive.names.find((entry) => entry.endsWith('/data.pkl'))!;
    const pickle = archive.read(name);
    expect(loads(writeZip([{ name, data: pickle }, ...rest]))).toBe(true);
    for (let length = 0; length < pickle.length; length++) {
      const cut = loads(writeZip([{ name, data: pickle.subarray(0, length) }, ...rest]));
      if (cut) throw new Error(`${length} of ${pickle.length} bytes were accepted`);
    }
  });

  test('any changed byte gives a checkpoint or a typed error', () => {
    const bytes = fixture.slice();
    let refused = 0;
    for (let at = 0; at < bytes.length; at++) {
      const flip = at % 2 ? 0xff : 0x01;
      bytes[at] ^= flip;
      if (!loads(bytes)) refused++;
      bytes[at] ^= flip;
    }
    expect(refused).toBeGreaterThan(1000);
  });
});

describe('tensors', () => {
  test.each([
    ['an offset past the storage', { offset: 1 }],
    ['a shape larger than the storage', { shape: [5] }],
    ['a huge shape of one repeated element', { shape: [2 ** 40], strides: [0] }],
    ['a shape whose product overflows', { shape: [2 ** 50, 2 ** 50], strides: [0, 0] }],
    ['strides past the storage', { shape: [2, 2], strides: [3, 1] }],
  ])('%s is refused', (_, change) => {
    expect(() => loadTorchCheckpoint(writeTorch(tensorWith(change)))).toThrow(/"w".*than the 4 elements/);
  });

  test.each([
    ['a negative offset', { offset: -1 }, /malformed/],
    ['a negative stride', { strides: [-1] }, /malformed shape or strides/],
    ['a fractional size', { shape: [1.5] }, /malformed shape or strides/],
    ['more strides than sizes', { strides: [2, 1] }, /malformed shape or strides/],
  ])('%s is refused', (_, change, message) => {
    expect(() => loadTorchCheckpoint(writeTorch(tensorWith(change)))).toThrow(message);
  });

  test('one storage read a thousand times is refused', () => {
    const large = float32Tensor([2 ** 18], new Float32Array(2 ** 18));
    const shared = Object.fromEntries(
      Array.from({ length: 1000 }, (_, i) => [`w${i}`, new TensorItem(large, { key: '0' })]),
    );
    expect(() => loadTorchCheckpoint(writeTorch(shared))).toThrow(/many times as large as the file/);
  });

  test('data that is missing from the archive is named', () => {
    const bytes = writeTorch(tensorWith({}));
    const archive = openZip(bytes);
    const without = writeZip([{ name: 'archive/data.pkl', data: archive.read('archive/data.pkl') }]);
    expect(() => loadTorchCheckpoint(without)).toThrow(/no "archive\/data\/0"/);
  });
});

describe('objects', () => {
  const load = (make: (pickler: Pickler) => Item) => loadTorchCheckpoint(writeTorch(make));

  test('a call of os.system beside the weights is inert and ignored', () => {
    const checkpoint = load((p) => ({
      state_dict: { w: new TensorItem(tensor) },
      opt: call(p, global('os', 'system'), 'touch pwned'),
      epoch: call(p, global('builtins', 'eval'), '1'),
    }));
    expect(checkpoint).toEqual({ source: 'state_dict', tensors: new Map([['w', tensor]]) });
  });

  test.each(['model', 'ema', 'state_dict', 'model_state_dict'])('a state dict called %s is found', (name) => {
    expect(load(() => ({ [name]: { w: new TensorItem(tensor) }, epoch: 3 })).tensors).toEqual(
      new Map([['w', tensor]]),
    );
  });

  test('a module that contains itself is refused', () => {
    // BINPUT 7 remembers the module before its state refers to it.
    const inner = concat([global('m', 'Loop'), op(')\x81q\x07')]);
    const loop = (p: Pickler) => concat([inner, p.item({ _modules: { again: op('h\x07') } }), op('b')]);
    expect(() => load((p) => ({ model: loop(p) }))).toThrow(/contain each other/);
  });

  test('modules that share children 2^60 times are refused', () => {
    const bomb = (p: Pickler) => {
      let module: Uint8Array = p.module('Leaf', {});
      for (let i = 0; i < 60; i++) {
        module = p.module('Pair', { _modules: { a: concat([module, op('q\x07')]), b: op('h\x07') } });
      }
      return module;
    };
    expect(() => load((p) => ({ model: bomb(p) }))).toThrow(/contain each other or are too many/);
  });

  test('a description that contains itself is refused', () => {
    const yaml = op('}q\x08X\x01\0\0\0ah\x08s');
    expect(() => load((p) => ({ model: p.module('Model', { yaml }) }))).toThrow(/"yaml" contains itself/);
  });

  test('a description that would be huge when written out is refused', () => {
    const level = (i: number) =>
      `]q${String.fromCharCode(i + 1)}(${`h${String.fromCharCode(i)}`.repeat(20)}e`;
    const hyp = op(`]q\x00${Array.from({ length: 10 }, (_, i) => level(i)).join('')}`);
    expect(() =>
      load((p) => ({ model: p.module('Model', { hyp: concat([op('}X\x01\0\0\0a'), hyp, op('s')]) }) })),
    ).toThrow(CheckpointError);
  });

  test('parameters that are no tensors, and children that are no modules, are named', () => {
    const parameter = (p: Pickler) => p.module('Model', { _parameters: { weight: 5 } });
    expect(() => load((p) => ({ model: parameter(p) }))).toThrow(/"weight" is no tensor/);
    expect(() => load((p) => ({ model: p.module('Model', { _modules: { a: 5 } }) }))).toThrow(
      /"a" is no module/,
    );
  });

  test('a key "__proto__" in a description is only a key', () => {
    const hyp = op('}X\x09\0\0\0__proto__}X\x08\0\0\0pollutedK\x01ss');
    const checkpoint = load((p) => ({ model: p.module('Model', { hyp }) }));
    expect(Object.getPrototypeOf(checkpoint.hyp)).toBe(Object.prototype);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });
});

describe('amplification', () => {
  const load = (make: (pickler: Pickler) => Item) => loadTorchCheckpoint(writeTorch(make));

  test.each([
    ['a set', 'builtins', 'set', (p: Pickler, i: number): Item => p.item(i)],
    ['a dict', 'collections', 'OrderedDict', (p: Pickler, i: number): Item => p.tuple([i, 1])],
  ])('one list copied into %s again and again is refused', (_, module, name, element) => {
    // BINPUT 1 remembers the arguments, BINPUT 2 the callable; then each of the calls is five bytes.
    const bomb = (p: Pickler) =>
      concat([
        p.tuple([Array.from({ length: 2000 }, (_, i) => element(p, i))]),
        op('q\x010'),
        global(module, name),
        op('q\x020]('),
        op('h\x02h\x01R'.repeat(2000)),
        op('e'),
      ]);
    expect(() => load((p) => ({ bomb: bomb(p), w: new TensorItem(tensor) }))).toThrow(/copies/);
  });

  test('a shape whose product is no number is refused, and does not lift the limit on memory', () => {
    const nan = {
      shape: [...new Array<number>(25).fill(2 ** 52), 0],
      strides: new Array<number>(26).fill(0),
    };
    expect(() => loadTorchCheckpoint(writeTorch(tensorWith(nan)))).toThrow(/"w".*than the 4 elements/);
  });

  test.each([
    ['text', op('X\x01\0\0\0x')],
    ['a huge integer', concat([op('\x8a\x10'), new Uint8Array(16).fill(0x7f)])],
    ['a size', op('K\x09')],
  ])('a shape that gets %s appended after its tensor was checked stays what it was', (_, extra) => {
    const pickler = (p: Pickler) => {
      const whole = String.fromCharCode(...p.item(new TensorItem(tensor)));
      // The shape's tuple (4,) becomes a list that BINPUT 9 remembers.
      const shape = '(J\x04\0\0\0t(J\x01\0\0\0t';
      if (!whole.includes(shape)) throw new Error('the tensor is pickled otherwise');
      const open = whole.replace(shape, ']q\x09J\x04\0\0\0a(J\x01\0\0\0t');
      return concat([op(open), op('h\x09'), extra, op('a0')]);
    };
    expect(load((p) => ({ w: pickler(p) })).tensors).toEqual(new Map([['w', tensor]]));
  });

  test('class names that would be huge when written out are refused', () => {
    // BINPUT 3 remembers a text of 100 kB, each name is a list of a thousand of it.
    const text = (p: Pickler) => concat([p.item('x'.repeat(100_000)), op('q\x03')]);
    const names = (p: Pickler) => [concat([op(']('), text(p), op('h\x03'.repeat(999)), op('e')])];
    expect(() => load((p) => ({ model: p.module('Model', { names: names(p) }) }))).toThrow(
      /"names".*too much/,
    );
  });
});

describe('other files', () => {
  const data = (text: string) => new TextEncoder().encode(text);
  test.each([
    ['a legacy checkpoint', op('\x80\x02\x8a\x0a'), /legacy format/],
    ['a Git LFS pointer', data('version https://git-lfs.github.com/spec/v1\n'), /Git LFS pointer/],
    ['a web page', data('<!DOCTYPE html><html>'), /web page/],
    ["a server's answer", data('{"message": "Not Found"}'), /a text \(JSON or XML\)/],
    ['XML', data('<?xml version="1.0"?><Error/>'), /a text \(JSON or XML\)/],
    ['nothing', data(''), /is empty/],
    ['gzip', Uint8Array.of(0x1f, 0x8b, 8, 0), /compressed by gzip.* Unpack/],
    ['TensorFlow Lite', data('\x1c\0\0\0TFL3'), /TensorFlow Lite/],
    ['ONNX', data('\x08\x07\x12\x07pytorch'), /ONNX model.* the ending \.onnx/],
    ['HDF5', Uint8Array.of(0x89, 72, 68, 70, 13, 10, 26, 10), /HDF5/],
    ['a JPEG', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0), /an image/],
    ['Darknet', Uint8Array.of(0, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0), /Darknet/],
    ['a tar archive', data(`${'sys_info'.padEnd(257, '\0')}ustar\0`), /before 1\.6/],
    [
      'a zip around a checkpoint',
      writeZip([{ name: 'w/best.pt', data: data('PK') }]),
      /with w\/best\.pt in it.* Unpack/,
    ],
    ['a zip of Keras', writeZip([{ name: 'model.weights.h5', data: data('') }]), /of TensorFlow/],
    ['text', data('hello'), /no PyTorch checkpoint/],
    ['another zip', writeZip([{ name: 'a.txt', data: data('a') }]), /no data\.pkl/],
    ['TorchScript', writeTorch({}, [{ name: 'archive/constants.pkl', data: data('') }]), /TorchScript/],
    [
      'big-endian tensors',
      writeTorch({}, [{ name: 'archive/byteorder', data: data('big') }]),
      /not little-endian/,
    ],
    ['a checkpoint without weights', writeTorch({ epoch: 1 }), /neither a model nor a state dict/],
    [
      'complex tensors',
      writeTorch({
        w: concat([new Pickler().tuple(['storage', global('torch', 'ComplexFloatStorage'), '0']), op('Q')]),
      }),
      /ComplexFloatStorage/,
    ],
  ])('%s is told apart', (_, bytes, message) => {
    expect(() => loadTorchCheckpoint(bytes)).toThrow(CheckpointError);
    expect(() => loadTorchCheckpoint(bytes)).toThrow(message);
  });
});

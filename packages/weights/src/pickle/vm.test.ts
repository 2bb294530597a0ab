import { describe, expect, test } from 'vitest';
import { CheckpointError } from '../errors.js';
import { call, global, type Item, op, Pickler } from '../testing/pickle-writer.js';
import { concat, fields } from '../testing/zip-writer.js';
import { PickleGlobal, PickleObject } from './values.js';
import { readPickle } from './vm.js';

const pickler = new Pickler();
const read = (value: Item) => readPickle(pickler.pickle(value));
const raw = (...parts: (string | Uint8Array)[]) =>
  readPickle(concat(['\x80\x05', ...parts].map((part) => (typeof part === 'string' ? op(part) : part))));

describe('values', () => {
  test('plain data', () => {
    expect(read([null, true, false, 7, -3, 0.5, 2 ** 40, 'é', []])).toEqual([
      null,
      true,
      false,
      7,
      -3,
      0.5,
      2 ** 40,
      'é',
      [],
    ]);
    expect(read({ a: [1], __proto__x: {} })).toEqual(
      new Map<string, unknown>([
        ['a', [1]],
        ['__proto__x', new Map()],
      ]),
    );
  });

  test('integers of any length', () => {
    expect(raw('\x8a\x00.')).toBe(0);
    expect(raw('\x8a\x01\xff.')).toBe(-1);
    expect(raw('\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.')).toBe(0x1950a86a20f9469cfc6cn);
  });

  test('protocols 4 and 5: frames, short strings, memoize, sets, bytes, globals from the stack', () => {
    const frame = concat([op('\x95'), fields([8, 3])]);
    expect(raw(frame, '\x8c\x01a\x940h\x00.')).toBe('a');
    expect(raw('\x8f(K\x01K\x01\x90.')).toEqual(new Set([1]));
    expect(raw('C\x02\x01\xff.')).toEqual(Uint8Array.of(1, 255));
    expect(raw('\x96\x01\0\0\0\0\0\0\0\x05.')).toEqual(Uint8Array.of(5));
    expect(raw('\x8c\x01m\x8c\x01n\x93.')).toEqual(new PickleGlobal('m', 'n'));
  });

  test('tuples and duplicates', () => {
    expect(raw(')K\x01\x85K\x01K\x02\x86\x87.')).toEqual([[], [1], [1, 2]]);
    expect(raw('K\x01K\x022\x87.')).toEqual([1, 2, 2]);
    expect(raw('(K\x01K\x02t.')).toEqual([1, 2]);
  });
});

describe('nothing is executed', () => {
  test('a call of os.system is a record', () => {
    const value = read(call(pickler, global('os', 'system'), 'rm -rf /'));
    expect(value).toEqual(new PickleObject('os', 'system', ['rm -rf /']));
  });

  test('a call through getattr, and of the result of a call', () => {
    const getattr = call(pickler, global('builtins', 'getattr'), global('os', 'x'), 'system');
    const value = read(call(pickler, getattr, 'true')) as PickleObject;
    expect(value).toBeInstanceOf(PickleObject);
    expect(value.args).toEqual([
      new PickleObject('builtins', 'getattr', [new PickleGlobal('os', 'x'), 'system']),
      ['true'],
    ]);
  });

  test('state, items and entries of unknown objects are kept', () => {
    const value = raw(global('m', 'C'), ')\x81}\x8c\x01kK\x01sb', '(K\x05K\x06e', '\x8c\x01aK\x02s.');
    const expected = new PickleObject('m', 'C', []);
    expected.state = new Map([['k', 1]]);
    expected.items = [5, 6];
    expected.entries = new Map([['a', 2]]);
    expect(value).toEqual(expected);
  });

  test('names that JavaScript knows mean nothing', () => {
    expect(read(call(pickler, global('__proto__', 'constructor')))).toEqual(
      new PickleObject('__proto__', 'constructor', []),
    );
  });
});

describe('hostile input', () => {
  const cases: [string, (string | Uint8Array)[], RegExp][] = [
    ['no STOP', ['N'], /ends 1 bytes early/],
    ['text of 4 GiB', ['X\xff\xff\xff\xff.'], /bytes early/],
    ['bytes of 2^64', ['\x8e\xff\xff\xff\xff\xff\xff\xff\xff.'], /bytes early/],
    ['an integer of 2 GiB', ['\x8b\xff\xff\xff\x7f.'], /integer of 2147483647 bytes/],
    ['an integer of 64 KiB', ['\x8b\x00\x00\x01\x00', new Uint8Array(65536), '.'], /integer of 65536 bytes/],
    ['an unset memo', ['h\x05.'], /memo 5/],
    ['an empty stack', ['.'], /empty stack/],
    ['a mark never opened', ['t.'], /never opened/],
    ['a value from below a mark', ['N(0.'], /empty stack/],
    ['an append to a number', ['K\x01K\x02a.'], /no list/],
    ['a key set on a list', [']K\x01K\x02s.'], /no dict/],
    ['a key without a value', ['}(K\x01u.'], /without a value/],
    ['state for a number', ['K\x01}b.'], /has none/],
    ['a persistent id', ['K\x01Q.'], /outside of it/],
    ['an extension code', ['\x82\x01.'], /opcode 0x82/],
    ['an out-of-band buffer', ['\x97.'], /opcode 0x97/],
    ['a global without a newline', ['cos'], /within a line/],
    ['a global named by a number', ['K\x01K\x02\x93.'], /no text/],
    ['a hundred thousand open marks', ['('.repeat(100_000), '.'], /10000 open marks/],
  ];
  test.each(cases)('%s', (_, parts, message) => {
    expect(() => raw(...parts)).toThrow(CheckpointError);
    expect(() => raw(...parts)).toThrow(message);
  });

  test('more opcodes than any checkpoint has', () => {
    expect(() => raw('N0'.repeat(1_000_001), 'N.')).toThrow(/more than 2000000 opcodes/);
  });

  test('text of Python 2, longer than one piece', () => {
    expect(raw('T\x00\x20\0\0', '\xe9'.repeat(8192), '.')).toBe('é'.repeat(8192));
  });

  test('another protocol', () => {
    expect(() => readPickle(op('\x80\x06N.'))).toThrow(/protocol 6/);
    expect(() => readPickle(op('I1\n.'))).toThrow(/opcode 0x49/);
    expect(() => readPickle(new Uint8Array(0))).toThrow(CheckpointError);
  });

  test('a huge memo index costs nothing', () => expect(raw('Nr\xff\xff\xff\xff.')).toBe(null));

  test('a list that contains itself', () => {
    const value = raw(']\x94h\x00a.') as unknown[];
    expect(value[0]).toBe(value);
  });

  test('nesting half a million deep', () => {
    let value: unknown = raw(']'.repeat(500_000), 'a'.repeat(499_999), '.');
    let depth = 0;
    for (; Array.isArray(value) && value.length > 0; value = value[0]) depth++;
    expect(depth).toBe(499_999);
  });

  test('a memo bomb stays as small as its bytes: 2^100 leaves are 100 lists', () => {
    const levels = Array.from({ length: 100 }, (_, i) => {
      const recall = `h${String.fromCharCode(i)}`;
      return `]\x94(${recall}${recall}e`;
    });
    expect(raw(']\x94', ...levels, '.')).toHaveLength(2);
  });
});

import { SUSPICIOUS } from '../errors.js';
import { PickleReader } from './reader.js';
import { PickleExtension, PickleGlobal, PickleObject, type PickleValue } from './values.js';

/** What a particular kind of pickle adds to the data-only machine. */
export interface PickleHooks {
  /** The value for a call of a named global; undefined keeps it as an inert `PickleObject`. It must not run anything. */
  reduce?(callable: PickleGlobal, args: PickleValue): PickleValue | undefined;
  /** The value for a persistent id. */
  persistentLoad?(id: PickleValue): PickleValue;
  /** What the bytes are, for error messages. */
  where?: string;
}

// yolov5n's checkpoint has 35 thousand. A value may take 200 bytes of memory, so this many take at most some 400 MB.
const MAX_OPCODES = 2_000_000;
const MAX_MARKS = 10_000;

/**
 * Reads a pickle (protocols 2 to 5) as data. No class is looked up or constructed and no function is called: what the
 * pickle would have called becomes a `PickleObject`. Each opcode makes at most one value no longer than its bytes, and
 * their number is limited, so memory is too. Throws a `CheckpointError` on anything malformed.
 */
export function readPickle(bytes: Uint8Array, hooks: PickleHooks = {}): PickleValue {
  const machine = new Machine(bytes, hooks);
  for (let count = 0; count < MAX_OPCODES; count++) {
    const opcode = machine.reader.uint8();
    if (opcode === STOP) return machine.pop();
    const run = OPCODES[opcode];
    if (!run) {
      machine.reader.at--;
      throw machine.reader.error(`Pickle opcode 0x${opcode.toString(16)} is not supported`);
    }
    run(machine);
  }
  throw machine.reader.error(`The pickle has more than ${MAX_OPCODES} opcodes`, SUSPICIOUS);
}

class Machine {
  readonly reader: PickleReader;
  // A Map, so that a memo index of four billion costs no more than one of zero.
  private readonly memo = new Map<number, PickleValue>();
  private readonly marked: PickleValue[][] = [];
  private stack: PickleValue[] = [];

  constructor(
    bytes: Uint8Array,
    private readonly hooks: PickleHooks,
  ) {
    this.reader = new PickleReader(bytes, hooks.where ?? 'pickle');
  }

  push(value: PickleValue): void {
    this.stack.push(value);
  }

  pop(): PickleValue {
    const value = this.stack.pop();
    if (value === undefined) throw this.reader.error('The pickle takes a value from an empty stack');
    return value;
  }

  top(): PickleValue {
    const value = this.pop();
    this.stack.push(value);
    return value;
  }

  mark(): void {
    if (this.marked.length >= MAX_MARKS)
      throw this.reader.error(`More than ${MAX_MARKS} open marks`, SUSPICIOUS);
    this.marked.push(this.stack);
    this.stack = [];
  }

  popMark(): PickleValue[] {
    const values = this.stack;
    const below = this.marked.pop();
    if (!below) throw this.reader.error('The pickle closes a mark that it never opened');
    this.stack = below;
    return values;
  }

  popTuple(length: number): PickleValue[] {
    return Array.from({ length }, () => this.pop()).reverse();
  }

  popString(): string {
    const value = this.pop();
    if (typeof value !== 'string')
      throw this.reader.error('The pickle names a global by something that is no text');
    return value;
  }

  remember(index: number): void {
    this.memo.set(index, this.top());
  }

  memoize(): void {
    this.remember(this.memo.size);
  }

  recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) throw this.reader.error(`The pickle recalls memo ${index}, which it never set`);
    this.push(value);
  }

  append(values: readonly PickleValue[]): void {
    const target = this.top();
    const list = target instanceof PickleObject ? (target.items ??= []) : target;
    if (!Array.isArray(list)) throw this.reader.error('The pickle appends to something that is no list');
    for (const value of values) list.push(value);
  }

  set(pairs: readonly PickleValue[]): void {
    const target = this.top();
    const map = target instanceof PickleObject ? (target.entries ??= new Map()) : target;
    if (!(map instanceof Map)) throw this.reader.error('The pickle sets a key of something that is no dict');
    fill(this, map, pairs);
  }

  add(values: readonly PickleValue[]): void {
    const target = this.top();
    if (!(target instanceof Set)) throw this.reader.error('The pickle adds to something that is no set');
    for (const value of values) target.add(value);
  }

  call(callable: PickleValue, args: PickleValue): void {
    if (!(callable instanceof PickleGlobal)) {
      // A call of a call's result, such as functools.partial: as inert as any other.
      this.push(new PickleObject('', 'call', [callable, args]));
      return;
    }
    const known = this.hooks.reduce?.(callable, args);
    this.push(known === undefined ? new PickleObject(callable.module, callable.name, args) : known);
  }

  build(state: PickleValue): void {
    const target = this.top();
    if (target instanceof PickleObject) target.state = state;
    else if (!(target instanceof Map || target instanceof PickleExtension)) {
      throw this.reader.error('The pickle sets the state of something that has none');
    }
  }

  persistent(id: PickleValue): void {
    if (!this.hooks.persistentLoad) throw this.reader.error('The pickle refers to data outside of it');
    this.push(this.hooks.persistentLoad(id));
  }
}

function fill(m: Machine, map: Map<PickleValue, PickleValue>, pairs: readonly PickleValue[]): typeof map {
  if (pairs.length % 2) throw m.reader.error('The pickle sets a key without a value');
  for (let i = 0; i < pairs.length; i += 2) map.set(pairs[i], pairs[i + 1]);
  return map;
}

function protocol(m: Machine): void {
  const version = m.reader.uint8();
  if (version < 2 || version > 5) throw m.reader.error(`Pickle protocol ${version} is not supported`);
}

/** Pops arguments and callable in the order that REDUCE and NEWOBJ push them. */
function reduce(m: Machine): void {
  const args = m.pop();
  m.call(m.pop(), args);
}

const STOP = 0x2e;

/** What each opcode does; names and layouts as in CPython's pickletools. */
const OPCODES: Readonly<Record<number, (m: Machine) => void>> = {
  128: protocol, // PROTO
  149: (m) => m.reader.uint64(), // FRAME: a hint for buffered readers
  40: (m) => m.mark(), // MARK
  48: (m) => m.pop(), // POP
  49: (m) => m.popMark(), // POP_MARK
  50: (m) => m.push(m.top()), // DUP
  78: (m) => m.push(null), // NONE
  136: (m) => m.push(true), // NEWTRUE
  137: (m) => m.push(false), // NEWFALSE
  74: (m) => m.push(m.reader.int32()), // BININT
  75: (m) => m.push(m.reader.uint8()), // BININT1
  77: (m) => m.push(m.reader.uint16()), // BININT2
  138: (m) => m.push(m.reader.long(m.reader.uint8())), // LONG1
  139: (m) => m.push(m.reader.long(m.reader.uint32())), // LONG4
  71: (m) => m.push(m.reader.float64()), // BINFLOAT
  84: (m) => m.push(m.reader.latin1(m.reader.uint32())), // BINSTRING
  85: (m) => m.push(m.reader.latin1(m.reader.uint8())), // SHORT_BINSTRING
  88: (m) => m.push(m.reader.utf8(m.reader.uint32())), // BINUNICODE
  140: (m) => m.push(m.reader.utf8(m.reader.uint8())), // SHORT_BINUNICODE
  141: (m) => m.push(m.reader.utf8(m.reader.uint64())), // BINUNICODE8
  66: (m) => m.push(m.reader.take(m.reader.uint32())), // BINBYTES
  67: (m) => m.push(m.reader.take(m.reader.uint8())), // SHORT_BINBYTES
  142: (m) => m.push(m.reader.take(m.reader.uint64())), // BINBYTES8
  150: (m) => m.push(m.reader.take(m.reader.uint64())), // BYTEARRAY8
  93: (m) => m.push([]), // EMPTY_LIST
  108: (m) => m.push(m.popMark()), // LIST
  97: (m) => m.append([m.pop()]), // APPEND
  101: (m) => m.append(m.popMark()), // APPENDS
  41: (m) => m.push([]), // EMPTY_TUPLE
  116: (m) => m.push(m.popMark()), // TUPLE
  133: (m) => m.push(m.popTuple(1)), // TUPLE1
  134: (m) => m.push(m.popTuple(2)), // TUPLE2
  135: (m) => m.push(m.popTuple(3)), // TUPLE3
  125: (m) => m.push(new Map()), // EMPTY_DICT
  100: (m) => m.push(fill(m, new Map(), m.popMark())), // DICT
  115: (m) => m.set(m.popTuple(2)), // SETITEM
  117: (m) => m.set(m.popMark()), // SETITEMS
  143: (m) => m.push(new Set()), // EMPTY_SET
  144: (m) => m.add(m.popMark()), // ADDITEMS
  145: (m) => m.push(new Set(m.popMark())), // FROZENSET
  113: (m) => m.remember(m.reader.uint8()), // BINPUT
  114: (m) => m.remember(m.reader.uint32()), // LONG_BINPUT
  148: (m) => m.memoize(), // MEMOIZE
  104: (m) => m.recall(m.reader.uint8()), // BINGET
  106: (m) => m.recall(m.reader.uint32()), // LONG_BINGET
  99: (m) => m.push(new PickleGlobal(m.reader.line(), m.reader.line())), // GLOBAL
  147: (m) => {
    const name = m.popString(); // STACK_GLOBAL
    m.push(new PickleGlobal(m.popString(), name));
  },
  82: reduce, // REDUCE
  129: reduce, // NEWOBJ
  146: (m) => {
    const keywords = m.pop(); // NEWOBJ_EX
    const args = m.pop();
    m.call(m.pop(), [args, keywords]);
  },
  98: (m) => m.build(m.pop()), // BUILD
  81: (m) => m.persistent(m.pop()), // BINPERSID
};

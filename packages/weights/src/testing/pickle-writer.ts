import { numel } from '@froyolo/common';
import { DTYPES, type TensorData, type TensorDtype, tensorBytes } from '../tensor.js';
import { concat, fields, writeZip, type ZipEntry } from './zip-writer.js';

/** A value that test pickles are made of: a plain JSON-like value, or ready-made opcodes. */
export type Item =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | Item[]
  | { [key: string]: Item }
  | TensorItem;

/** A tensor to be pickled; strides and offset in elements. */
export class TensorItem {
  constructor(
    readonly tensor: TensorData,
    readonly change: {
      readonly shape?: readonly number[];
      readonly strides?: readonly number[];
      readonly offset?: number;
      /** Name of the storage to share, for tied weights. */
      readonly key?: string;
    } = {},
  ) {}
}

const STORAGE: Readonly<Record<TensorDtype, string>> = {
  float64: 'Double',
  float32: 'Float',
  float16: 'Half',
  bfloat16: 'BFloat16',
  int64: 'Long',
  int32: 'Int',
  int16: 'Short',
  int8: 'Char',
  uint8: 'Byte',
  bool: 'Bool',
};

export const op = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
export const global = (module: string, name: string): Uint8Array => op(`c${module}\n${name}\n`);

/** Opcodes that call `callable` with a tuple of arguments. */
export function call(pickler: Pickler, callable: Uint8Array, ...args: Item[]): Uint8Array {
  return concat([callable, pickler.tuple(args), op('R')]);
}

/** Writes pickles of protocol 2, and keeps the storages of their tensors. */
export class Pickler {
  readonly storages = new Map<string, Uint8Array>();

  pickle(value: Item): Uint8Array {
    return concat([op('\x80\x02'), this.item(value), op('.')]);
  }

  tuple(items: readonly Item[]): Uint8Array {
    return concat([op('('), ...items.map((item) => this.item(item)), op('t')]);
  }

  /** An `nn.Module` as PyTorch pickles it. */
  module(name: string, state: { [key: string]: Item }): Uint8Array {
    const empty = { _parameters: {}, _buffers: {}, _modules: {}, training: false };
    return concat([global('models.yolo', name), op(')\x81'), this.item({ ...empty, ...state }), op('b')]);
  }

  item(value: Item): Uint8Array {
    if (value === null) return op('N');
    if (value === true) return op('\x88');
    if (value === false) return op('\x89');
    if (value instanceof Uint8Array) return value;
    if (value instanceof TensorItem) return this.tensor(value);
    if (typeof value === 'number') return number(value);
    if (typeof value === 'string') return text(value);
    if (Array.isArray(value)) return concat([op(']('), ...value.map((item) => this.item(item)), op('e')]);
    const pairs = Object.entries(value).flatMap(([key, item]) => [text(key), this.item(item)]);
    return concat([op('}('), ...pairs, op('u')]);
  }

  private tensor({ tensor, change }: TensorItem): Uint8Array {
    const key = change.key ?? String(this.storages.size);
    if (!this.storages.has(key)) this.storages.set(key, tensorBytes(tensor));
    const shape = change.shape ?? tensor.shape;
    const storageType = global('torch', `${STORAGE[tensor.dtype]}Storage`);
    const size = this.storages.get(key)!.length / DTYPES[tensor.dtype].bytes;
    const id = concat([this.tuple(['storage', storageType, key, 'cpu', size]), op('Q')]);
    const sizes = [this.tuple([...shape]), this.tuple([...(change.strides ?? rowMajor(shape))])];
    const hooks = call(this, global('collections', 'OrderedDict'));
    return call(
      this,
      global('torch._utils', '_rebuild_tensor_v2'),
      id,
      change.offset ?? 0,
      ...sizes,
      false,
      hooks,
    );
  }
}

function rowMajor(shape: readonly number[]): number[] {
  return shape.map((_, i) => numel(shape.slice(i + 1)));
}

function number(value: number): Uint8Array {
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 31) {
    return concat([op('J'), fields([4, value >>> 0])]);
  }
  if (Number.isSafeInteger(value) && value >= 0) return concat([op('\x8a\x08'), fields([8, value])]);
  const float = new Uint8Array(9);
  float[0] = 0x47;
  new DataView(float.buffer).setFloat64(1, value);
  return float;
}

function text(value: string): Uint8Array {
  const bytes = new TextEncoder().encode(value);
  return concat([op('X'), fields([4, bytes.length]), bytes]);
}

/** A `.pt` file of the value, as `torch.save` lays it out. */
export function writeTorch(
  value: Item | ((pickler: Pickler) => Item),
  more: readonly ZipEntry[] = [],
): Uint8Array {
  const pickler = new Pickler();
  const pickle = pickler.pickle(typeof value === 'function' ? value(pickler) : value);
  const storages = [...pickler.storages].map(([key, data]) => ({ name: `archive/data/${key}`, data }));
  const version = { name: 'archive/version', data: op('3\n') };
  return writeZip([{ name: 'archive/data.pkl', data: pickle }, ...storages, version, ...more]);
}

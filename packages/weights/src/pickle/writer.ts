/** Writes Python values as pickles, as `torch.save` does, without Python. */

/** A class or function of Python, by name. */
export class PyGlobal {
  constructor(
    readonly module: string,
    readonly name: string,
  ) {}
}

/** The result of calling something with arguments when the pickle is loaded. */
export class PyCall {
  constructor(
    readonly callable: PyGlobal,
    readonly args: readonly PyValue[],
  ) {}
}

/** An object of a class, made without its `__init__`, with these attributes. */
export class PyInstance {
  constructor(
    readonly type: PyGlobal,
    readonly state: ReadonlyMap<PyValue, PyValue>,
  ) {}
}

/** An `OrderedDict`. */
export class PyOrderedDict {
  constructor(readonly entries: ReadonlyMap<PyValue, PyValue>) {}
}

/** Data that lies beside the pickle, found by this id. */
export class PyReference {
  constructor(readonly id: PyValue) {}
}

/** Arrays are lists, Maps dicts, whole numbers ints; other numbers and `{ float }` floats. */
export type PyValue =
  | null
  | boolean
  | number
  | string
  | readonly PyValue[]
  | ReadonlyMap<PyValue, PyValue>
  | { readonly tuple: readonly PyValue[] }
  | { readonly float: number }
  | PyGlobal
  | PyCall
  | PyInstance
  | PyOrderedDict
  | PyReference;

/** A pickle of protocol 2, which every Python 3 and PyTorch reads. */
export function writePickle(value: PyValue): Uint8Array {
  const writer = new Writer();
  writer.bytes(0x80, 2);
  writer.value(value);
  writer.op('.');
  return writer.finish();
}

const ORDERED_DICT = new PyGlobal('collections', 'OrderedDict');
const MAX_INT32 = 2 ** 31;

class Writer {
  #buffer = new Uint8Array(1 << 16);
  #length = 0;
  /** Texts and globals that were written before, by what they are. */
  readonly #memo = new Map<string, number>();
  readonly #encoder = new TextEncoder();

  finish(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }

  value(value: PyValue): void {
    if (value === null) this.op('N');
    else if (typeof value === 'boolean') this.bytes(value ? 0x88 : 0x89);
    else if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'string') this.#text(value);
    else if (value instanceof PyGlobal) this.#global(value);
    else if (value instanceof PyCall) this.#call(value);
    else if (value instanceof PyInstance) this.#instance(value);
    else if (value instanceof PyOrderedDict) this.#orderedDict(value);
    else if (value instanceof PyReference) this.#reference(value);
    else if (value instanceof Map) this.#dict(value);
    else this.#sequence(value);
  }

  op(text: string): void {
    this.bytes(text.charCodeAt(0));
  }

  bytes(...bytes: number[]): void {
    this.#append(Uint8Array.from(bytes));
  }

  #append(bytes: Uint8Array): void {
    if (this.#length + bytes.length > this.#buffer.length) {
      const larger = new Uint8Array(2 * (this.#buffer.length + bytes.length));
      larger.set(this.#buffer);
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #sequence(value: Exclude<PyValue, null | boolean | number | string>): void {
    if ('float' in value) this.#float(value.float);
    else if ('tuple' in value) this.#tuple(value.tuple);
    else if (Array.isArray(value)) this.#list(value);
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) this.#float(value);
    else if (value >= -MAX_INT32 && value < MAX_INT32)
      this.#withNumber('J', 4, (view) => view.setInt32(1, value, true));
    else this.#long(value);
  }

  #float(value: number): void {
    this.#withNumber('G', 8, (view) => view.setFloat64(1, value));
  }

  #long(value: number): void {
    this.bytes(0x8a, 8);
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigInt64(0, BigInt(value), true);
    this.#append(bytes);
  }

  #withNumber(op: string, size: number, set: (view: DataView) => void): void {
    const bytes = new Uint8Array(1 + size);
    bytes[0] = op.charCodeAt(0);
    set(new DataView(bytes.buffer));
    this.#append(bytes);
  }

  #text(value: string): void {
    this.#once(`text ${value}`, () => {
      const bytes = this.#encoder.encode(value);
      this.#withNumber('X', 4, (view) => view.setUint32(1, bytes.length, true));
      this.#append(bytes);
    });
  }

  #global({ module, name }: PyGlobal): void {
    this.#once(`global ${module} ${name}`, () => this.#append(this.#encoder.encode(`c${module}\n${name}\n`)));
  }

  /** Writes something that cannot change the first time, and refers to it after that. */
  #once(key: string, write: () => void): void {
    const known = this.#memo.get(key);
    if (known !== undefined) {
      this.#withNumber('j', 4, (view) => view.setUint32(1, known, true));
      return;
    }
    write();
    const index = this.#memo.size;
    this.#memo.set(key, index);
    this.#withNumber('r', 4, (view) => view.setUint32(1, index, true));
  }

  #tuple(items: readonly PyValue[]): void {
    this.op('(');
    for (const item of items) this.value(item);
    this.op('t');
  }

  #list(items: readonly PyValue[]): void {
    this.op(']');
    this.op('(');
    for (const item of items) this.value(item);
    this.op('e');
  }

  #dict(entries: ReadonlyMap<PyValue, PyValue>): void {
    this.op('}');
    this.#entries(entries);
  }

  #entries(entries: ReadonlyMap<PyValue, PyValue>): void {
    this.op('(');
    for (const [key, item] of entries) {
      this.value(key);
      this.value(item);
    }
    this.op('u');
  }

  #call({ callable, args }: PyCall): void {
    this.value(callable);
    this.#tuple(args);
    this.op('R');
  }

  #instance({ type, state }: PyInstance): void {
    this.value(type);
    this.op(')');
    this.bytes(0x81);
    this.#dict(state);
    this.op('b');
  }

  #orderedDict({ entries }: PyOrderedDict): void {
    this.#call(new PyCall(ORDERED_DICT, []));
    if (entries.size > 0) this.#entries(entries);
  }

  #reference({ id }: PyReference): void {
    this.value(id);
    this.op('Q');
  }
}

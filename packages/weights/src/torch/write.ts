/** Writes the format of `torch.save`: a zip archive with a pickle and the storages of its tensors. */
import { type ZippableFile, zipSync } from 'fflate';
import {
  PyCall,
  PyGlobal,
  PyInstance,
  PyOrderedDict,
  PyReference,
  type PyValue,
  writePickle,
} from '../pickle/writer.js';
import { DTYPES, type TensorData, type TensorDtype, tensorBytes } from '../tensor.js';

const STORAGES: Readonly<Record<TensorDtype, string>> = {
  float64: 'DoubleStorage',
  float32: 'FloatStorage',
  float16: 'HalfStorage',
  bfloat16: 'BFloat16Storage',
  int64: 'LongStorage',
  int32: 'IntStorage',
  int16: 'ShortStorage',
  int8: 'CharStorage',
  uint8: 'ByteStorage',
  bool: 'BoolStorage',
};

const ROOT = 'archive';
/** PyTorch aligns the contents of its entries, so that they can be mapped into memory. */
const ALIGNMENT = 64;
const LOCAL_HEADER_BYTES = 30;
/** Id of the extra field that PyTorch fills up with, and the bytes of its own header. */
const PADDING_FIELD = 0x4246;
const FIELD_HEADER_BYTES = 4;
/** Zip archives know no time before; the same values give the same bytes. */
const NO_TIME = new Date(1980, 0, 1);

const REBUILD_TENSOR = new PyGlobal('torch._utils', '_rebuild_tensor_v2');
const REBUILD_PARAMETER = new PyGlobal('torch._utils', '_rebuild_parameter');

/** An `nn.Module`: a node in the tree of a pickled model. */
export interface TorchModule {
  /** Full name of its class, such as `models.common.Conv`. */
  readonly type: string;
  readonly attributes: ReadonlyMap<PyValue, PyValue>;
  /** `null` for a parameter that the class knows and this module lacks. */
  readonly parameters: ReadonlyMap<string, TensorData | null>;
  readonly buffers: ReadonlyMap<string, TensorData>;
  readonly children: ReadonlyMap<string, TorchModule>;
}

/** Turns tensors and modules into values of a pickle, and keeps the tensors' contents for `file`. */
export class TorchWriter {
  readonly #storages: Uint8Array[] = [];
  /** Tensors that stand in several places are stored once. */
  readonly #known = new Map<TensorData, PyValue>();

  tensor(tensor: TensorData): PyValue {
    const known = this.#known.get(tensor);
    if (known !== undefined) return known;
    const { dtype, shape } = tensor;
    const bytes = tensorBytes(tensor);
    const type = new PyGlobal('torch', STORAGES[dtype]);
    const count = bytes.length / DTYPES[dtype].bytes;
    const storage = new PyReference({
      tuple: ['storage', type, String(this.#storages.length), 'cpu', count],
    });
    const sizes = [{ tuple: shape }, { tuple: rowMajor(shape) }];
    const value = new PyCall(REBUILD_TENSOR, [storage, 0, ...sizes, false, new PyOrderedDict(new Map())]);
    this.#storages.push(bytes);
    this.#known.set(tensor, value);
    return value;
  }

  /** A module and all in it, in evaluation mode. */
  module(module: TorchModule): PyValue {
    const { type, attributes, parameters, buffers, children } = module;
    const dot = type.lastIndexOf('.');
    const none = new PyOrderedDict(new Map());
    const state = new Map<PyValue, PyValue>([
      ['training', false],
      ['_parameters', ordered(parameters, (value) => value && this.#parameter(value))],
      ['_buffers', ordered(buffers, (value) => this.tensor(value))],
      ['_non_persistent_buffers_set', new PyCall(new PyGlobal('__builtin__', 'set'), [[]])],
      ['_backward_hooks', none],
      ['_is_full_backward_hook', null],
      ['_forward_hooks', none],
      ['_forward_pre_hooks', none],
      ['_state_dict_hooks', none],
      ['_load_state_dict_pre_hooks', none],
      ['_modules', ordered(children, (child) => this.module(child))],
      ...attributes,
    ]);
    return new PyInstance(new PyGlobal(type.slice(0, dot), type.slice(dot + 1)), state);
  }

  #parameter(tensor: TensorData): PyValue {
    return new PyCall(REBUILD_PARAMETER, [this.tensor(tensor), false, new PyOrderedDict(new Map())]);
  }

  /** The `.pt` file of a value. */
  file(value: PyValue): Uint8Array {
    const text = (content: string) => new TextEncoder().encode(content);
    return zipAligned([
      ['data.pkl', writePickle(value)],
      ['byteorder', text('little')],
      ...this.#storages.map((bytes, i) => [`data/${i}`, bytes] as const),
      ['version', text('3\n')],
    ]);
  }
}

function ordered<T>(entries: ReadonlyMap<string, T>, convert: (value: T) => PyValue): PyValue {
  return new PyOrderedDict(new Map([...entries].map(([name, value]) => [name, convert(value)])));
}

function rowMajor(shape: readonly number[]): number[] {
  const strides: number[] = [];
  let stride = 1;
  for (const size of shape.toReversed()) {
    strides.unshift(stride);
    stride *= size;
  }
  return strides;
}

function zipAligned(entries: readonly (readonly [name: string, bytes: Uint8Array])[]): Uint8Array {
  let at = 0;
  const files = entries.map(([name, bytes]) => {
    const path = `${ROOT}/${name}`;
    const start = at + LOCAL_HEADER_BYTES + path.length + FIELD_HEADER_BYTES;
    const padding = (ALIGNMENT - (start % ALIGNMENT)) % ALIGNMENT;
    at = start + padding + bytes.length;
    const extra = { [PADDING_FIELD]: new Uint8Array(padding) };
    const file: ZippableFile = [bytes, { level: 0, mtime: NO_TIME, extra }];
    return [path, file] as const;
  });
  return zipSync(Object.fromEntries(files));
}

/** A bare state dict: tensors by name, as `torch.save(model.state_dict(), …)` writes them. */
export function writeStateDict(tensors: ReadonlyMap<string, TensorData>): Uint8Array {
  const writer = new TorchWriter();
  return writer.file(ordered(tensors, (value) => writer.tensor(value)));
}

/** JSON as values of Python: objects become dicts. */
export function fromJson(value: unknown): PyValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string')
    return value;
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value === 'object')
    return new Map(Object.entries(value).map(([key, item]) => [key, fromJson(item)]));
  return null;
}

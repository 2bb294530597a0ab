import { numel } from '@froyolo/common';
import { CheckpointError, DAMAGED, SUSPICIOUS } from '../errors.js';
import { PickleExtension, PickleGlobal, PickleObject, type PickleValue } from '../pickle/values.js';
import { DTYPES, type TensorData, type TensorDtype, tensorFromBytes } from '../tensor.js';
import type { ZipArchive } from '../zip.js';

/** A run of elements in an entry of the archive; several tensors may share it. */
export class TorchStorage extends PickleExtension {
  readonly kind = 'storage';
  constructor(
    /** Undefined for an untyped storage, whose tensors bring their own type. */
    readonly dtype: TensorDtype | undefined,
    readonly entry: string,
  ) {
    super();
  }
}

/** A tensor as pickled: a strided window on a storage, checked and read only when asked for. */
export class TorchTensor extends PickleExtension {
  readonly kind = 'tensor';
  constructor(
    readonly storage: TorchStorage,
    readonly dtype: TensorDtype,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {
    super();
  }
}

const STORAGE_DTYPES: Readonly<Record<string, TensorDtype | undefined>> = {
  DoubleStorage: 'float64',
  FloatStorage: 'float32',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
};

const MAX_DIMENSIONS = 32;
// A checkpoint of a detector copies a few dozen.
const MAX_COPIED = 1_000_000;

function malformed(what: string): CheckpointError {
  return new CheckpointError(what, 'data.pkl', DAMAGED);
}

/** The storage of a persistent id `('storage', type, key, device, numel)`. */
export function storageFromId(id: PickleValue, root: string): TorchStorage {
  const [tag, type, key] = Array.isArray(id) ? id : [];
  if (tag !== 'storage' || !(type instanceof PickleGlobal) || typeof key !== 'string') {
    throw malformed('A reference to tensor data is malformed');
  }
  const dtype = STORAGE_DTYPES[type.name];
  if (!dtype && type.name !== 'UntypedStorage') {
    throw new CheckpointError(
      `Tensors of type ${type.module}.${type.name} are not supported`,
      'data.pkl',
      'Convert the model to float16 or float32 before it is saved.',
    );
  }
  return new TorchStorage(dtype, `${root}data/${key}`);
}

/**
 * Returns the values of the calls that rebuild tensors and plain containers, for one pickle; every other call stays inert.
 * Containers may copy a million elements in all: a pickle can name one list for any number of them, five bytes for each.
 */
export function torchReducer(): (callable: PickleGlobal, args: PickleValue) => PickleValue | undefined {
  let budget = MAX_COPIED;
  const copyable = (value: PickleValue | undefined): PickleValue[] | undefined => {
    if (!Array.isArray(value)) return undefined;
    budget -= value.length;
    if (budget < 0) {
      const what = `The pickle copies more than ${MAX_COPIED} elements into dicts and sets`;
      throw new CheckpointError(what, 'data.pkl', SUSPICIOUS);
    }
    return value;
  };
  return (callable, args) => reduceCall(callable, Array.isArray(args) ? args : [], copyable);
}

function reduceCall(
  callable: PickleGlobal,
  list: readonly PickleValue[],
  copyable: (value: PickleValue | undefined) => PickleValue[] | undefined,
): PickleValue | undefined {
  switch (`${callable.module}.${callable.name}`) {
    case 'torch._utils._rebuild_tensor_v2':
      return rebuildTensor(list);
    case 'torch._utils._rebuild_tensor_v3':
      return rebuildTensor(list, list[6]);
    case 'torch._utils._rebuild_parameter':
    case 'torch._utils._rebuild_parameter_with_state':
      return list[0];
    case 'collections.OrderedDict':
      return orderedDict(copyable(list[0]) ?? []);
    case 'torch.Size':
      return Array.isArray(list[0]) ? list[0] : undefined;
    case '__builtin__.set':
    case 'builtins.set': {
      const members = copyable(list[0]);
      return members && new Set(members);
    }
    default:
      return undefined;
  }
}

function orderedDict(pairs: readonly PickleValue[]): PickleValue {
  const map = new Map<PickleValue, PickleValue>();
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2) throw malformed('An OrderedDict is malformed');
    map.set(pair[0], pair[1]);
  }
  return map;
}

function rebuildTensor(args: readonly PickleValue[], dtypeGlobal?: PickleValue): TorchTensor {
  const [storage, offset, shape, strides] = args;
  if (!(storage instanceof TorchStorage) || !isSize(offset)) throw malformed('A tensor is malformed');
  if (!isSizes(shape) || !isSizes(strides) || shape.length !== strides.length) {
    throw malformed('A tensor has a malformed shape or strides');
  }
  const named = dtypeGlobal instanceof PickleGlobal ? dtypeGlobal.name : undefined;
  const dtype = named === undefined ? storage.dtype : knownDtype(named);
  if (!dtype) throw malformed(`A tensor has the unsupported type ${named ?? 'untyped'}`);
  // Copies: the pickle may still append to the lists that were checked here.
  return new TorchTensor(storage, dtype, offset, [...shape], [...strides]);
}

function knownDtype(name: string): TensorDtype | undefined {
  return Object.hasOwn(DTYPES, name) ? (name as TensorDtype) : undefined;
}

function isSize(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isSizes(value: PickleValue | undefined): value is number[] {
  return Array.isArray(value) && value.length <= MAX_DIMENSIONS && value.every(isSize);
}

/**
 * Returns a reader of the archive's tensors. A tensor must lie within its storage and have no more elements than it; all
 * tensors read may take at most 16 MiB plus 4 times the archive (weights may share a storage, but not a thousand times).
 */
export function tensorReader(
  archive: ZipArchive,
  fileBytes: number,
): (tensor: TorchTensor, name: string) => TensorData {
  let budget = 16 * 2 ** 20 + 4 * fileBytes;
  return (tensor, name) => {
    const { shape, strides, offset, dtype, storage } = tensor;
    const size = DTYPES[dtype].bytes;
    const capacity = Math.floor(archive.size(storage.entry) / size);
    const count = numel(shape);
    const last = shape.reduce((at, extent, i) => at + (extent - 1) * strides[i], offset);
    // Negated, so that a product that overflowed to NaN fails too.
    if (!(count <= capacity) || (count > 0 && !(last < capacity))) {
      throw new CheckpointError(
        `Tensor "${name}" of shape [${shape.join(', ')}] needs more than the ${capacity} elements stored for it`,
        storage.entry,
        DAMAGED,
      );
    }
    budget -= count * size;
    if (budget < 0) {
      throw new CheckpointError('The tensors are many times as large as the file', storage.entry, SUSPICIOUS);
    }
    if (count === 0) return tensorFromBytes(dtype, shape, new Uint8Array(0));
    const bytes = archive.read(storage.entry);
    if (isRowMajor(shape, strides)) {
      return tensorFromBytes(dtype, shape, bytes.subarray(offset * size, (offset + count) * size));
    }
    return tensorFromBytes(dtype, shape, gather(bytes, tensor, count, size));
  };
}

function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && strides[i] !== expected) return false;
    expected *= shape[i];
  }
  return true;
}

/** Copies a strided tensor, such as one in channels-last layout, into row-major order. */
function gather(bytes: Uint8Array, tensor: TorchTensor, count: number, size: number): Uint8Array {
  const { shape, strides, offset } = tensor;
  const out = new Uint8Array(count * size);
  const index = shape.map(() => 0);
  let at = offset;
  for (let i = 0; i < count; i++) {
    for (let b = 0; b < size; b++) out[i * size + b] = bytes[at * size + b];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis];
      if (++index[axis] < shape[axis]) break;
      at -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return out;
}

/** Whether a value is an object that PyTorch would make an `nn.Module` of. */
export function isModule(value: PickleValue | undefined): value is PickleObject {
  return (
    value instanceof PickleObject && value.state instanceof Map && value.state.get('_modules') instanceof Map
  );
}

import { numel } from '@froyolo/common';
import { must } from '@froyolo/errors';
import { CheckpointError, DAMAGED, SUSPICIOUS } from './errors.js';
import { duplicateKey } from './json-keys.js';
import { DTYPES, type TensorData, type TensorDtype, tensorBytes, tensorFromBytes } from './tensor.js';

/** Contents of a safetensors file. */
export interface Safetensors {
  /** In the order of the file's header. */
  readonly tensors: Map<string, TensorData>;
  /** The file's `__metadata__`. */
  readonly metadata: Record<string, string>;
}

const NAMES: Readonly<Record<TensorDtype, string>> = {
  float64: 'F64',
  float32: 'F32',
  float16: 'F16',
  bfloat16: 'BF16',
  int64: 'I64',
  int32: 'I32',
  int16: 'I16',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
};
const BY_NAME = new Map(Object.entries(NAMES).map(([dtype, name]) => [name, dtype as TensorDtype]));

const MAX_HEADER_BYTES = 16 * 2 ** 20;
const MAX_TENSORS = 100_000;
const METADATA = '__metadata__';

interface Placed {
  readonly name: string;
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * Reads a safetensors file (https://github.com/huggingface/safetensors, "Format"). Tensors are copies. The header must be
 * at most 16 MiB of JSON without duplicate keys, and the tensors must fill the rest of the file without gaps or overlaps.
 * Throws a `CheckpointError`.
 */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  const start = dataStart(bytes);
  const header = parseHeader(bytes.subarray(8, start));
  const metadata = readMetadata(header[METADATA]);
  const names = Object.keys(header).filter((name) => name !== METADATA);
  if (names.length > MAX_TENSORS) throw broken(`The header lists ${names.length} tensors`, SUSPICIOUS);
  const placed = names.map((name) => place(name, header[name]));
  checkLayout(placed, bytes.length - start);
  const tensors = new Map(
    placed.map(({ name, dtype, shape, begin, end }) => [
      name,
      tensorFromBytes(dtype, shape, bytes.subarray(start + begin, start + end)),
    ]),
  );
  return { tensors, metadata };
}

/**
 * Writes a safetensors file. Tensors are laid out by falling element size, so that each is aligned to its own; the header
 * keeps the given order. Throws a `CheckpointError` for a reserved name or a tensor whose data doesn't fit its shape.
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, TensorData>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const places = new Map<string, number>();
  let size = 0;
  for (const [name, tensor] of [...tensors].sort(
    (a, b) => DTYPES[b[1].dtype].bytes - DTYPES[a[1].dtype].bytes,
  )) {
    checkWritable(name, tensor);
    places.set(name, size);
    size += tensor.data.byteLength;
  }
  const header = encodeHeader(tensors, places, metadata);
  const out = new Uint8Array(8 + header.length + size);
  new DataView(out.buffer).setBigUint64(0, BigInt(header.length), true);
  out.set(header, 8);
  for (const [name, tensor] of tensors)
    out.set(tensorBytes(tensor), 8 + header.length + placeOf(places, name));
  return out;
}

const placeOf = (places: ReadonlyMap<string, number>, name: string) =>
  must(places.get(name), `the place of "${name}"`);

function broken(what: string, advice = DAMAGED): CheckpointError {
  return new CheckpointError(what, 'safetensors header', advice);
}

/** Whether the bytes begin as a safetensors file does. */
export function looksLikeSafetensors(bytes: Uint8Array): boolean {
  return bytes.length > 8 && bytes[8] === 0x7b;
}

function dataStart(bytes: Uint8Array): number {
  if (bytes.length < 8) throw broken(`The file has ${bytes.length} bytes`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(bytes.length - 8))
    throw broken(`A header of ${length} bytes in a file of ${bytes.length}`);
  if (length > BigInt(MAX_HEADER_BYTES)) throw broken(`A header of ${length} bytes`, SUSPICIOUS);
  return 8 + Number(length);
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    header = JSON.parse(text);
  } catch (cause) {
    throw new CheckpointError('The header is no JSON', 'safetensors header', DAMAGED, { cause });
  }
  if (!isRecord(header)) throw broken('The header is no JSON object');
  const twice = duplicateKey(text);
  if (twice !== undefined) throw broken(`The header has "${twice}" twice`, SUSPICIOUS);
  return header;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readMetadata(value: unknown): Record<string, string> {
  if (value === undefined) return {};
  if (!isRecord(value) || !Object.values(value).every((text) => typeof text === 'string')) {
    throw broken(`${METADATA} must map names to texts`);
  }
  return value as Record<string, string>;
}

function place(name: string, value: unknown): Placed {
  if (!isRecord(value)) throw broken(`Tensor "${name}" is malformed`);
  const { shape, data_offsets: offsets } = value;
  const dtype = BY_NAME.get(String(value.dtype));
  if (!dtype)
    throw broken(
      `Tensor "${name}" has the unknown type ${JSON.stringify(value.dtype)}`,
      'Save it as F32 or F16.',
    );
  if (!isSizes(shape) || !isSizes(offsets) || offsets.length !== 2) {
    throw broken(`Tensor "${name}" has a malformed shape or offsets`);
  }
  const [begin, end] = offsets as [number, number];
  const expected = numel(shape) * DTYPES[dtype].bytes;
  if (end - begin !== expected) {
    throw broken(
      `Tensor "${name}" [${shape.join(', ')}] needs ${expected} bytes, its offsets give ${end - begin}`,
    );
  }
  return { name, dtype, shape, begin, end };
}

function isSizes(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    value.length <= 32 &&
    value.every((item) => Number.isSafeInteger(item) && item >= 0)
  );
}

function checkLayout(placed: readonly Placed[], size: number): void {
  let at = 0;
  for (const { name, begin, end } of [...placed].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at)
      throw broken(`Tensor "${name}" begins at byte ${begin}, not where the one before it ends (${at})`);
    at = end;
  }
  if (at !== size) throw broken(`The tensors take ${at} bytes, the file has ${size} for them`);
}

function checkWritable(name: string, tensor: TensorData): void {
  if (name === METADATA)
    throw new CheckpointError(`"${METADATA}" is reserved`, 'writeSafetensors', 'Rename the tensor.');
  if (tensor.data.byteLength !== numel(tensor.shape) * DTYPES[tensor.dtype].bytes) {
    throw new CheckpointError(
      `Tensor "${name}" ${tensor.dtype} [${tensor.shape.join(', ')}] has ${tensor.data.byteLength} bytes of data`,
      'writeSafetensors',
      'Pass data of the shape and type it is declared with.',
    );
  }
}

function encodeHeader(
  tensors: ReadonlyMap<string, TensorData>,
  places: ReadonlyMap<string, number>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  // Joined by hand: an object would put names such as "0" first and treat "__proto__" specially.
  const parts = [...tensors].map(([name, { dtype, shape, data }]) => {
    const begin = placeOf(places, name);
    const entry = { dtype: NAMES[dtype], shape, data_offsets: [begin, begin + data.byteLength] };
    return `${JSON.stringify(name)}:${JSON.stringify(entry)}`;
  });
  if (Object.keys(metadata).length > 0) parts.unshift(`"${METADATA}":${JSON.stringify(metadata)}`);
  const text = new TextEncoder().encode(`{${parts.join(',')}}`);
  // Spaces up to a multiple of 8 keep the tensors aligned in the file.
  const padded = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(0x20);
  padded.set(text);
  if (padded.length > MAX_HEADER_BYTES) {
    throw new CheckpointError(
      `A header of ${padded.length} bytes`,
      'writeSafetensors',
      'Write fewer tensors or less metadata.',
    );
  }
  return padded;
}

import type { Checkpoint, OptimizerState } from './checkpoint.js';
import { CheckpointError, DAMAGED } from './errors.js';
import type { JsonObject } from './json.js';
import { readSafetensors, writeSafetensors } from './safetensors.js';
import { checkSeal, seal, UNSEALED } from './seal.js';
import type { TensorData } from './tensor.js';

const FORMAT = 'froyolo';
const VERSION = 1;

/** Tensors of a group are stored as `@group/name`; a model's tensor never begins so. */
const GROUP = '@';

type Described = Omit<Checkpoint, 'tensors' | 'groups' | 'file' | 'classes'>;
type Check = (value: unknown) => boolean;

const isString: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number';
const isObject: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf =
  (item: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(item);
const isOptimizer: Check = (value) => {
  const { name, step } = isObject(value) ? (value as Partial<OptimizerState>) : {};
  return isString(name) && isNumber(step);
};

/** Fields kept as JSON texts in the file's metadata, and what each must be. */
const FIELDS: Readonly<Record<keyof Described, Check>> = {
  source: (value) => value === 'ema' || value === 'model' || value === 'state_dict',
  family: isString,
  yaml: isObject,
  names: listOf(isString),
  numClasses: isNumber,
  stride: listOf(isNumber),
  anchors: listOf(listOf(isNumber)),
  epoch: isNumber,
  bestFitness: isNumber,
  hyp: isObject,
  args: isObject,
  optimizer: isOptimizer,
  meta: isObject,
};

/**
 * Writes a checkpoint as a safetensors file: the model's tensors under their own names, those of each group as
 * `@group/name`, every other field as JSON in the metadata under its name, and a checksum of it all. Throws a
 * `CheckpointError` for a name that would be ambiguous.
 */
export function writeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  const tensors = new Map<string, TensorData>();
  for (const [name, tensor] of checkpoint.tensors) {
    if (name.startsWith(GROUP)) throw ambiguous(name);
    tensors.set(name, tensor);
  }
  for (const [group, members] of Object.entries(checkpoint.groups ?? {})) {
    if (group.includes('/')) throw ambiguous(group);
    for (const [name, tensor] of members) tensors.set(`${GROUP}${group}/${name}`, tensor);
  }
  const metadata: Record<string, string> = {
    ...UNSEALED,
    format: FORMAT,
    format_version: String(VERSION),
  };
  for (const [field, check] of Object.entries(FIELDS) as [keyof Described, Check][]) {
    const value = checkpoint[field];
    if (value === undefined) continue;
    const text = JSON.stringify(value);
    // A NaN would become null here and fail the check when read: better now than at --resume.
    if (!check(JSON.parse(text))) {
      throw new CheckpointError(
        `The checkpoint's "${field}" is ${text}`,
        'writeCheckpoint',
        'Pass what its type says.',
      );
    }
    metadata[field] = text;
  }
  return seal(writeSafetensors(tensors, metadata));
}

function ambiguous(name: string): CheckpointError {
  return new CheckpointError(
    `"${name}" can't be stored unambiguously`,
    'writeCheckpoint',
    'Tensor names may not begin with "@", group names may not contain "/".',
  );
}

/**
 * Reads what `writeCheckpoint` wrote, or any safetensors file as a state dict with its metadata as texts in `meta`.
 * Throws a `CheckpointError`, also where a byte has changed since the file was written.
 */
export function readCheckpoint(bytes: Uint8Array): Checkpoint {
  const { tensors, metadata } = readSafetensors(bytes);
  if (metadata.format !== FORMAT) {
    return {
      tensors,
      source: 'state_dict',
      ...(Object.keys(metadata).length > 0 && { meta: metadata as JsonObject }),
    };
  }
  if (Number(metadata.format_version) !== VERSION) {
    throw new CheckpointError(
      `Checkpoint format version ${metadata.format_version}`,
      'safetensors metadata',
      `This release reads version ${VERSION}: update it, or save the checkpoint again.`,
    );
  }
  checkSeal(bytes, metadata);
  const described = readFields(metadata);
  const { model, groups } = splitGroups(tensors);
  return { ...described, tensors: model, ...(Object.keys(groups).length > 0 && { groups }) };
}

function readFields(metadata: Readonly<Record<string, string>>): Described {
  const fields: Record<string, unknown> = { source: 'state_dict' };
  for (const [field, check] of Object.entries(FIELDS)) {
    const text = metadata[field];
    if (text === undefined) continue;
    const value = parse(text);
    if (!check(value)) {
      throw new CheckpointError(`The field "${field}" is malformed`, 'safetensors metadata', DAMAGED);
    }
    fields[field] = value;
  }
  return fields as unknown as Described;
}

/** The JSON value, or undefined when the text is none; no field accepts undefined. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function splitGroups(tensors: ReadonlyMap<string, TensorData>): {
  model: Map<string, TensorData>;
  groups: Record<string, Map<string, TensorData>>;
} {
  const model = new Map<string, TensorData>();
  const groups = new Map<string, Map<string, TensorData>>();
  for (const [key, tensor] of tensors) {
    const slash = key.startsWith(GROUP) ? key.indexOf('/') : -1;
    if (slash < 0) {
      model.set(key, tensor);
      continue;
    }
    const group = key.slice(GROUP.length, slash);
    groups.set(group, (groups.get(group) ?? new Map()).set(key.slice(slash + 1), tensor));
  }
  return { model, groups: Object.fromEntries(groups) };
}

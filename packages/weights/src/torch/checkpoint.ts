import { numel } from '@froyolo/common';
import type { Checkpoint } from '../checkpoint.js';
import { CheckpointError } from '../errors.js';
import { asNames, asNumber, asObject, type JsonObject, toJson } from '../json.js';
import type { PickleObject, PickleValue } from '../pickle/values.js';
import { readPickle } from '../pickle/vm.js';
import { type TensorData, toFloat32 } from '../tensor.js';
import { openZip, type ZipArchive } from '../zip.js';
import { foreignArchive, foreignFile } from './foreign.js';
import { attributes, stateDict, walkModules } from './module.js';
import { optimizerGroups } from './optimizer.js';
import { isModule, storageFromId, TorchTensor, tensorReader, torchReducer } from './storage.js';

type Dict = ReadonlyMap<PickleValue, PickleValue>;
type ReadTensor = (tensor: TorchTensor, name: string) => TensorData;

const MAX_PICKLE_BYTES = 64 * 2 ** 20;

/**
 * Reads a checkpoint that `torch.save` wrote (PyTorch 1.6 and later, a zip archive): a YOLOv5 training checkpoint, a
 * pickled model, or a state dict. The pickle is read as data; nothing in the file is executed. EMA weights are preferred
 * over the raw ones. Tensors are copies of the file's bytes in the file's precision. Throws a `CheckpointError`.
 */
export function loadTorchCheckpoint(bytes: Uint8Array): Checkpoint {
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) throw foreignFile(bytes);
  const archive = openZip(bytes);
  const root = archiveRoot(archive);
  const size = archive.size(`${root}data.pkl`);
  if (size > MAX_PICKLE_BYTES) {
    throw new CheckpointError(`A pickle of ${size} bytes`, `${root}data.pkl`, 'At most 64 MiB are read.');
  }
  const value = readPickle(archive.read(`${root}data.pkl`), {
    where: `${root}data.pkl`,
    reduce: torchReducer(),
    persistentLoad: (id) => storageFromId(id, root),
  });
  return describe(value, tensorReader(archive, bytes.length));
}

/** The archive's folder, which `torch.save` names after the file. */
function archiveRoot(archive: ZipArchive): string {
  const pickle = archive.names.find((name) => /^([^/]+\/)?data\.pkl$/.test(name));
  if (pickle === undefined) throw foreignArchive(archive.names);
  const root = pickle.slice(0, -'data.pkl'.length);
  if (archive.has(`${root}constants.pkl`)) {
    throw new CheckpointError(
      'The file is a TorchScript model',
      `${root}constants.pkl`,
      'Pass the checkpoint that it was exported from.',
    );
  }
  const order = `${root}byteorder`;
  if (archive.has(order) && new TextDecoder().decode(archive.read(order)).trim() !== 'little') {
    throw new CheckpointError(
      'The tensors are not little-endian',
      order,
      'Save the checkpoint on a little-endian machine.',
    );
  }
  return root;
}

function describe(value: PickleValue, read: ReadTensor): Checkpoint {
  const dict: Dict = value instanceof Map ? value : new Map();
  const training = trainingFields(dict);
  for (const source of ['ema', 'model'] as const) {
    const module = dict.get(source);
    if (isModule(module))
      return { ...describeModule(module, source, read), ...training, ...unfinished(dict, read) };
  }
  if (isModule(value)) return describeModule(value, 'model', read);
  const named = ['ema', 'model', 'state_dict', 'model_state_dict'].map((name) => dict.get(name));
  for (const candidate of [...named, value]) {
    const tensors = bareStateDict(candidate);
    if (tensors) return { tensors: readAll(tensors, read), source: 'state_dict', ...training };
  }
  throw new CheckpointError(
    'The checkpoint holds neither a model nor a state dict',
    'data.pkl',
    'Pass a YOLOv5 checkpoint, a saved model, or a saved state_dict().',
  );
}

/** What a run needs to go on besides its averages: the weights that are trained, and the optimizer's values. */
function unfinished(dict: Dict, read: ReadTensor): Pick<Checkpoint, 'groups'> {
  const model = dict.get('model');
  if (!isModule(model)) return {};
  const module = unwrap(model);
  const optimizer = optimizerGroups(dict.get('optimizer'), module, read);
  if (!optimizer) return {};
  return { groups: { raw: readAll(stateDict(module), read), ...optimizer } };
}

/** A map from names to tensors; entries that are no tensors are left out, and a map without tensors is none. */
function bareStateDict(value: PickleValue | undefined): Map<string, TorchTensor> | undefined {
  if (!(value instanceof Map)) return undefined;
  const tensors = new Map<string, TorchTensor>();
  for (const [name, tensor] of value) {
    if (typeof name === 'string' && tensor instanceof TorchTensor) tensors.set(name, tensor);
  }
  return tensors.size > 0 ? withoutWrapper(tensors) : undefined;
}

/** Takes off the `module.` that (Distributed)DataParallel puts before every name. */
function withoutWrapper(tensors: Map<string, TorchTensor>): Map<string, TorchTensor> {
  const wrapper = 'module.';
  if (![...tensors.keys()].every((name) => name.startsWith(wrapper))) return tensors;
  return new Map([...tensors].map(([name, tensor]) => [name.slice(wrapper.length), tensor]));
}

function readAll(tensors: ReadonlyMap<string, TorchTensor>, read: ReadTensor): Map<string, TensorData> {
  return new Map([...tensors].map(([name, tensor]) => [name, read(tensor, name)]));
}

function trainingFields(dict: Dict): Partial<Checkpoint> {
  const epoch = toJson(dict.get('epoch'), 'epoch');
  const bestFitness = toJson(dict.get('best_fitness'), 'best_fitness');
  const args = asObject(toJson(dict.get('opt'), 'opt'));
  const meta: JsonObject = {};
  for (const key of ['date', 'git', 'updates', 'wandb_id']) {
    const value = toJson(dict.get(key), key);
    if (value !== null) meta[key] = value;
  }
  return {
    ...(typeof epoch === 'number' && { epoch }),
    ...(typeof bestFitness === 'number' && { bestFitness }),
    ...(args && { args }),
    ...(Object.keys(meta).length > 0 && { meta }),
  };
}

function describeModule(wrapped: PickleObject, source: 'ema' | 'model', read: ReadTensor): Checkpoint {
  const module = unwrap(wrapped);
  const tensors = readAll(stateDict(module), read);
  const state = attributes(module);
  const field = (name: string) => toJson(state.get(name), name);
  const yaml = asObject(field('yaml'));
  const names = asNames(field('names'));
  const hyp = asObject(field('hyp'));
  const numClasses = asNumber(field('nc')) ?? asNumber(yaml?.nc) ?? names?.length;
  const stride = readStride(state.get('stride'), read);
  const anchors = stride && detectAnchors(module, tensors, stride);
  const classes = classNames(module);
  return {
    tensors,
    source,
    ...(yaml && { yaml }),
    ...(names && { names }),
    ...(numClasses !== undefined && { numClasses }),
    ...(stride && { stride }),
    ...(anchors && { anchors }),
    ...(hyp && { hyp }),
    ...(classes !== undefined && { classes }),
  };
}

/** Classes of YOLOv5's detectors, which need no mention. */
const USUAL_CLASSES = new Set(['models.yolo.Model', 'models.yolo.DetectionModel', 'models.yolo.Detect']);

/** Classes of a model and of the last of its layers, unless they are the usual ones. */
function classNames(module: PickleObject): string | undefined {
  let last = module;
  walkModules(module, (prefix, child) => {
    if (/^model\.\d+\.$/.test(prefix)) last = child;
  });
  const names = [module, last].map((one) => `${one.module}.${one.name}`);
  return names.every((name) => USUAL_CLASSES.has(name)) ? undefined : [...new Set(names)].join(' ');
}

/** The model within a DataParallel wrapper, whose only child is called `module`. */
function unwrap(module: PickleObject): PickleObject {
  const children = attributes(module).get('_modules');
  const inner = children instanceof Map && children.size === 1 ? children.get('module') : undefined;
  return isModule(inner) ? inner : module;
}

function readStride(value: PickleValue | undefined, read: ReadTensor): number[] | undefined {
  return value instanceof TorchTensor ? [...toFloat32(read(value, 'stride'))] : undefined;
}

/** The detection layer's anchors in pixels: its buffer `[levels, anchors, 2]` is in cells of each level's stride. */
function detectAnchors(
  root: PickleObject,
  tensors: ReadonlyMap<string, TensorData>,
  stride: readonly number[],
): number[][] | undefined {
  let anchors: TensorData | undefined;
  walkModules(root, (prefix) => {
    anchors = tensors.get(`${prefix}anchors`) ?? anchors;
  });
  if (anchors?.shape[0] !== stride.length || stride.length === 0) return undefined;
  const values = toFloat32(anchors);
  const perLevel = numel(anchors.shape.slice(1));
  return stride.map((cell, level) =>
    Array.from(values.subarray(level * perLevel, (level + 1) * perLevel), (size) => size * cell),
  );
}

/** The object that YOLOv5 v7.0 pickles into a checkpoint: a `DetectionModel` with its attributes. */
import type { LayerInfo, Model } from '@froyolo/model-yaml';
import { type Checkpoint, float32Tensor, fromJson, type PyValue, type TorchWriter } from '@froyolo/weights';
import { type Branch, branch, moduleTree } from './modules.js';

/** Layers that read a list of others even where it has one member. */
const READS_LIST: ReadonlySet<string> = new Set([
  'models.common.Concat',
  'models.experimental.Sum',
  'models.yolo.Detect',
]);

/** What of a checkpoint its model holds. */
export type ModelParts = Pick<Checkpoint, 'tensors' | 'names' | 'hyp'>;

/**
 * The model as a value for the writer's file.
 * @throws ExportError when the architecture has a tensor that is not given
 */
export function detectionModel(writer: TorchWriter, model: Model, parts: ModelParts): PyValue {
  const { names = [], hyp, tensors } = parts;
  const stride = writer.tensor(float32Tensor([model.strides.length], Float32Array.from(model.strides)));
  const layers = moduleTree(model, tensors);
  describeLayers(layers, model, writer, stride);
  const root = branch('models.yolo.DetectionModel');
  root.children.set('model', layers);
  const attributes: [string, PyValue][] = [
    ['yaml', fromJson(model.spec.source)],
    ['save', savedLayers(model)],
    ['names', new Map<PyValue, PyValue>(names.map((name, index) => [index, name]))],
    ['inplace', true],
    ['stride', stride],
    ['nc', model.numClasses],
    ...(hyp ? [['hyp', fromJson(hyp)] as [string, PyValue]] : []),
  ];
  for (const [name, value] of attributes) root.attributes.set(name, value);
  return writer.module(root);
}

/** What each layer knows of its place, and Detect of the image. */
function describeLayers(layers: Branch, model: Model, writer: TorchWriter, stride: PyValue): void {
  for (const { index, from, type, parameterCount } of model.layers) {
    const attributes = layers.children.get(String(index))?.attributes;
    attributes?.set('i', index).set('f', sources(from, type)).set('type', type).set('np', parameterCount);
  }
  const detect = layers.children.get(String(model.layers.length - 1))?.attributes;
  const empty = () => model.strides.map(() => writer.tensor(float32Tensor([0], new Float32Array(0))));
  detect?.set('stride', stride).set('grid', empty()).set('anchor_grid', empty());
}

function sources(from: readonly number[], type: string): PyValue {
  const [only, ...rest] = from;
  return rest.length > 0 || READS_LIST.has(type) || only === undefined ? from : only;
}

/** Indices of the layers whose output another than the next one reads. */
function savedLayers({ layers }: Model): number[] {
  const read = layers.flatMap(({ index, from }: LayerInfo) =>
    from.filter((source) => source !== -1).map((source) => (source < 0 ? index + source : source)),
  );
  return read.sort((a, b) => a - b);
}

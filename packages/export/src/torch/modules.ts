/** An architecture as a tree of PyTorch's modules. */
import type { Model, ModuleInfo } from '@froyolo/model-yaml';
import type { PyValue, TensorData, TorchModule } from '@froyolo/weights';
import { ExportError } from '../errors.js';

/** A module that is being put together. */
export interface Branch extends TorchModule {
  readonly attributes: Map<PyValue, PyValue>;
  readonly parameters: Map<string, TensorData | null>;
  readonly buffers: Map<string, TensorData>;
  readonly children: Map<string, Branch>;
}

export const branch = (type: string, attributes: ModuleInfo['attributes'] = {}): Branch => ({
  type,
  attributes: new Map<PyValue, PyValue>(Object.entries(attributes)),
  parameters: new Map(),
  buffers: new Map(),
  children: new Map(),
});

/**
 * The module called `model`, with all below it and their tensors.
 * @throws ExportError when the architecture has a tensor that is not given
 */
export function moduleTree(model: Model, tensors: ReadonlyMap<string, TensorData>): Branch {
  const root = branch('torch.nn.modules.container.Sequential');
  const places = new Map([['model', root]]);
  for (const { name, type, attributes, absent } of model.modules) {
    const module = branch(type, attributes);
    for (const missing of absent) module.parameters.set(missing, null);
    const [parent, own] = split(name);
    placeOf(places, parent).children.set(own, module);
    places.set(name, module);
  }
  for (const [tensor, parent, own] of placed(model.parameters, tensors))
    placeOf(places, parent).parameters.set(own, tensor);
  for (const [tensor, parent, own] of placed(model.buffers, tensors))
    placeOf(places, parent).buffers.set(own, tensor);
  return root;
}

function placed(
  owned: readonly { readonly name: string }[],
  tensors: ReadonlyMap<string, TensorData>,
): [tensor: TensorData, parent: string, own: string][] {
  return owned.map(({ name }) => {
    const tensor = tensors.get(name);
    if (!tensor)
      throw new ExportError(`tensor "${name}" is missing: the weights don't fit their architecture`);
    return [tensor, ...split(name)];
  });
}

function placeOf(places: ReadonlyMap<string, Branch>, name: string): Branch {
  const place = places.get(name);
  if (!place) throw new ExportError(`module "${name}" is not described: its class in PyTorch is unknown`);
  return place;
}

function split(name: string): [parent: string, own: string] {
  const dot = name.lastIndexOf('.');
  return [name.slice(0, dot), name.slice(dot + 1)];
}

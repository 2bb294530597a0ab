import { CheckpointError, DAMAGED, SUSPICIOUS } from '../errors.js';
import type { PickleObject, PickleValue } from '../pickle/values.js';
import { isModule, TorchTensor } from './storage.js';

const MAX_MODULES = 100_000;
const MAX_DEPTH = 64;

/** Attributes of a pickled module; empty when it has none. */
export function attributes(module: PickleObject): Map<PickleValue, PickleValue> {
  return module.state instanceof Map ? module.state : new Map();
}

/**
 * The tensors of a pickled `nn.Module` under the names that PyTorch's `state_dict()` gives them: parameters, then
 * persistent buffers, then children, depth first.
 */
export function stateDict(root: PickleObject): Map<string, TorchTensor> {
  const tensors = new Map<string, TorchTensor>();
  walkModules(root, (prefix, module) => {
    const state = attributes(module);
    const skipped = state.get('_non_persistent_buffers_set');
    collect(tensors, prefix, state.get('_parameters'));
    collect(tensors, prefix, state.get('_buffers'), skipped instanceof Set ? skipped : undefined);
  });
  return tensors;
}

/** Visits a module and all below it, with the prefix of their names (`''`, `'model.'`, `'model.0.'`, …). */
export function walkModules(root: PickleObject, visit: (prefix: string, module: PickleObject) => void): void {
  let count = 0;
  const walk = (prefix: string, module: PickleObject, depth: number): void => {
    // A graph of modules that share children, or one that contains itself, has endlessly many names.
    if (++count > MAX_MODULES || depth > MAX_DEPTH) {
      throw new CheckpointError(
        'The modules contain each other or are too many',
        `module "${prefix}"`,
        SUSPICIOUS,
      );
    }
    visit(prefix, module);
    for (const [name, child] of dict(attributes(module).get('_modules'))) {
      if (child === null) continue;
      if (!isModule(child)) throw new CheckpointError(`"${prefix}${name}" is no module`, 'data.pkl', DAMAGED);
      walk(`${prefix}${name}.`, child, depth + 1);
    }
  };
  walk('', root, 0);
}

function collect(
  tensors: Map<string, TorchTensor>,
  prefix: string,
  values: PickleValue | undefined,
  skipped?: ReadonlySet<PickleValue>,
): void {
  for (const [name, value] of dict(values)) {
    // None stands for a parameter that a layer could have but doesn't, such as a convolution's bias.
    if (value === null || skipped?.has(name)) continue;
    if (!(value instanceof TorchTensor)) {
      throw new CheckpointError(`"${prefix}${name}" is no tensor`, 'data.pkl', DAMAGED);
    }
    tensors.set(prefix + name, value);
  }
}

function dict(value: PickleValue | undefined): [string, PickleValue][] {
  if (!(value instanceof Map)) return [];
  return [...value].map(([key, item]) => {
    if (typeof key !== 'string')
      throw new CheckpointError('A module has a child without a name', 'data.pkl', DAMAGED);
    return [key, item];
  });
}

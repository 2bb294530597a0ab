/** The optimizer in a training checkpoint of YOLOv5. */
import type { PickleObject, PickleValue } from '../pickle/values.js';
import type { TensorData } from '../tensor.js';
import { attributes, walkModules } from './module.js';
import { TorchTensor } from './storage.js';

/** PyTorch's names of an optimizer's values for a parameter, and ours. */
const SLOTS: Readonly<Record<string, string>> = {
  momentum_buffer: 'momentum',
  exp_avg: 'adam.m',
  exp_avg_sq: 'adam.v',
};

/** In the order in which YOLOv5 hands its groups to the optimizer: biases, weights that decay, those of normalization. */
const GROUP_ORDER = ['bias', 'weight', 'norm'] as const;

export type OptimizerGroups = Readonly<Record<string, ReadonlyMap<string, TensorData>>>;

/**
 * The values that an optimizer keeps, by ours of its slots and the names of parameters.
 * @param value of `optimizer.state_dict()`
 * @param module the model whose parameters it updates
 * @returns undefined if there is no optimizer, or one of other parameters
 */
export function optimizerGroups(
  value: PickleValue | undefined,
  module: PickleObject,
  read: (tensor: TorchTensor, name: string) => TensorData,
): OptimizerGroups | undefined {
  const state = value instanceof Map ? value.get('state') : undefined;
  if (!(state instanceof Map) || state.size === 0) return undefined;
  const parameters = parameterOrder(module);
  const groups: Record<string, Map<string, TensorData>> = {};
  for (const [index, values] of state) {
    const parameter = parameters[Number(index)];
    if (!parameter || !(values instanceof Map)) return undefined;
    for (const [slot, own] of Object.entries(SLOTS)) {
      const tensor = values.get(slot);
      if (!(tensor instanceof TorchTensor)) continue;
      const name = `optimizer ${slot} of ${parameter}`;
      groups[own] ??= new Map();
      groups[own].set(parameter, read(tensor, name));
    }
  }
  return groups;
}

/** Names of a model's parameters by their number in the optimizer. */
function parameterOrder(module: PickleObject): string[] {
  const found: Record<(typeof GROUP_ORDER)[number], string[]> = { bias: [], weight: [], norm: [] };
  walkModules(module, (prefix, one) => {
    const parameters = attributes(one).get('_parameters');
    if (!(parameters instanceof Map)) return;
    for (const [name, value] of parameters)
      if (typeof name === 'string' && value !== null) found[groupOf(name, one)].push(prefix + name);
  });
  return GROUP_ORDER.flatMap((group) => found[group]);
}

function groupOf(name: string, { name: className }: PickleObject): (typeof GROUP_ORDER)[number] {
  if (name === 'bias') return 'bias';
  return name === 'weight' && className.includes('Norm') ? 'norm' : 'weight';
}

/** The log's account of a freeze. */
import type { FreezeGroup, FreezePolicy } from './policy.js';

/** Parameters of a list with shapes: their sizes are summed. */
export interface SizedParameter {
  readonly name: string;
  readonly shape: readonly number[];
}

/** One line per frozen group, then the totals; no lines when nothing is frozen. */
export function describeFreeze(policy: FreezePolicy, parameters: readonly SizedParameter[]): string[] {
  if (policy.frozen.size === 0) return [];
  const sizes = new Map(parameters.map(({ name, shape }) => [name, shape.reduce((a, b) => a * b, 1)]));
  const total = (names: Iterable<string>) =>
    [...names].reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0);
  const lines = policy.groups.map(
    (group) => `freezing ${describeGroup(group)}, ${total(group.frozen)} parameters`,
  );
  return [
    ...lines,
    `frozen: ${total(policy.frozen)} of ${total(sizes.keys())} parameters in ${policy.frozen.size} of ${sizes.size} tensors; ` +
      `batch normalisation of frozen layers: ${policy.batchNorm}`,
  ];
}

function describeGroup({ module, frozen, trainable }: FreezeGroup): string {
  if (trainable.length === 0) return `${module}: all of its ${plural(frozen.length)}`;
  const names = frozen.map((name) => (name.startsWith(`${module}.`) ? name.slice(module.length + 1) : name));
  return `${module}: ${frozen.length} of ${plural(frozen.length + trainable.length)} (${names.join(', ')})`;
}

const plural = (tensors: number) => (tensors === 1 ? '1 tensor' : `${tensors} tensors`);

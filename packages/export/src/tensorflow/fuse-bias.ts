/** Convolution and bias as the one op that TensorFlow.js runs in one pass. */
import type { AttrValue, NodeDef } from '@froyolo/core/tensorflow';

const text = (value: string) => new TextEncoder().encode(value);
const FUSED: Readonly<Record<string, AttrValue>> = {
  fused_ops: { list: { s: [text('BiasAdd')] } },
  num_args: { i: 1 },
  epsilon: { f: 0 },
};

/** Replaces each `BiasAdd` that alone reads a `Conv2D`, and that convolution, by `_FusedConv2D`. */
export function fuseBias(nodes: readonly NodeDef[]): NodeDef[] {
  const readers = countReaders(nodes);
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const fused = new Set<string>();
  const replaced = nodes.map((node) => {
    const convolution = node.op === 'BiasAdd' ? byName.get(node.input[0] ?? '') : undefined;
    if (convolution?.op !== 'Conv2D' || readers.get(convolution.name) !== 1) return node;
    fused.add(convolution.name);
    const input = [...convolution.input, node.input[1] ?? ''];
    return { name: node.name, op: '_FusedConv2D', input, attr: { ...convolution.attr, ...FUSED } };
  });
  return replaced.filter(({ name }) => !fused.has(name));
}

function countReaders(nodes: readonly NodeDef[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const input of nodes.flatMap((node) => node.input)) {
    const name = input.replace(/^\^/, '').split(':')[0] ?? '';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

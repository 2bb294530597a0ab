/** What crosses the bus at each run of a graph on a device that keeps its state: `tf-cuda`, `tf-cpu`, `wgsl`. */
import { namedLeaves } from '../graph/leaves.js';
import { type DType, type Graph, type Node, topologicalOrder } from '../graph/node.js';
import { count, onePerSymbol } from '../ops/shapes.js';

export interface Traffic {
  /** Bytes of the inputs. */
  readonly fed: number;
  /** Bytes of the outputs that don't replace a value of the store. */
  readonly returned: number;
  /** Bytes of the values that the graph reads or replaces, which stay where they are. */
  readonly kept: number;
}

const BYTES: Readonly<Record<DType, number>> = { float32: 4, int32: 4, uint8: 1, float16: 2 };

/** @param sizes values of the symbolic sizes; one that isn't given counts as 1 */
export function trafficOf(graph: Graph, sizes: Readonly<Record<string, number>> = {}): Traffic {
  const order = topologicalOrder(Object.values(graph.outputs));
  const known = { ...onePerSymbol(order), ...sizes };
  const bytes = (nodes: readonly Node[]) =>
    nodes.reduce((sum, { shape, dtype }) => sum + BYTES[dtype] * count(shape, known), 0);
  const leaves = namedLeaves(order);
  const params = leaves.filter(({ op }) => op === 'param');
  const outputs = Object.entries(graph.outputs);
  const read = new Set<string>(params.map(({ name }) => name));
  const replaced = outputs.filter(([name]) => {
    const value = graph.state?.[name];
    return value !== undefined && !read.has(value);
  });
  return {
    fed: bytes(leaves.filter(({ op }) => op === 'input')),
    returned: bytes(outputs.filter(([name]) => !(name in (graph.state ?? {}))).map(([, node]) => node)),
    kept: bytes([...params, ...replaced.map(([, node]) => node)]),
  };
}

/** One line: `4.93 MB of inputs and 16 bytes of results cross the bus in a run; 12.4 MB of state stay on devices that keep it (…)`. */
export const trafficText = ({ fed, returned, kept }: Traffic): string =>
  `${bytesText(fed)} of inputs and ${bytesText(returned)} of results cross the bus in a run; ` +
  `${bytesText(kept)} of state stay on devices that keep it (tf-cuda, tf-cpu, wgsl)`;

const bytesText = (n: number) => (n < 1e4 ? `${n} bytes` : `${(n / 1e6).toPrecision(3)} MB`);

/** Runs graphs op by op in float64: slow, exact, and what every other executor is tested against. */

import { isNamedLeaf, madeOf } from '../../graph/leaves.js';
import {
  type Graph,
  GraphError,
  messageOf,
  type Node,
  type Tensor,
  topologicalOrder,
} from '../../graph/node.js';
import { mapInputs, type OpNode, opNode } from '../../ops/op-node.js';
import { sizeOf } from '../../ops/shapes.js';
import type { OpName } from '../../ops/table.js';
import { implementation, type Unsupported } from '../../ops/unsupported.js';
import { bindSizes } from '../bind-sizes.js';
import { disposable } from '../disposable.js';
import type { Executor, Program, Store } from '../executor.js';
import { NamedStore, ownStore } from '../named-store.js';
import { OpTimer } from '../op-times.js';
import { Resources } from '../resource.js';
import { toTensor, toValue } from './float64.js';
import type { Float64Value } from './indexing.js';
import type { Kernel } from './kernel.js';
import { KERNELS } from './kernels.js';

const NO_KERNEL = 'the interpreter has no kernel';

/**
 * Computes `outputs` in float64; `feeds` has the `input` and `param` leaves by name.
 * @throws GraphError naming the leaf whose feed is missing or doesn't fit, or the op that failed.
 */
export function evaluate(
  outputs: readonly Node[],
  feeds: Readonly<Record<string, Float64Value>>,
  timer?: OpTimer,
): Float64Value[] {
  const order = topologicalOrder(outputs);
  const leaves = order.filter(isNamedLeaf);
  const sizes = bindSizes(leaves, feeds);
  const values = new Map<Node, Float64Value>(leaves.map((leaf) => [leaf, feeds[leaf.name]]));
  for (const node of order) {
    if (node.value) values.set(node, toValue(node.value));
    else if (!values.has(node)) {
      const run = () => evaluateNode(opNode(node, NO_KERNEL), values, sizes);
      values.set(node, timer ? timer.measure(node.op, run) : run());
    }
  }
  return outputs.map((node) => madeOf(values, node));
}

function evaluateNode<O extends OpName>(
  node: OpNode<O>,
  values: ReadonlyMap<Node, Float64Value>,
  sizes: Record<string, number>,
): Float64Value {
  const entry: Kernel<O> | Unsupported = KERNELS[node.op];
  const kernel = implementation(entry, node, NO_KERNEL);
  const inputs = mapInputs(node, (x) => madeOf(values, x));
  try {
    const shape = node.shape.map((d) => sizeOf(d, sizes));
    return { shape, data: kernel(inputs, node.attrs, shape) };
  } catch (error) {
    const shapes = inputs.map((x) => `[${x.shape}]`).join(', ');
    throw new GraphError(`${node.op}(${shapes}) to [${node.shape}]: ${messageOf(error)}`);
  }
}

/**
 * Computes the named outputs in float64 and rounds them to their types at the end.
 * @param feeds every `input` and `param` leaf by name
 * @throws GraphError naming the leaf whose feed is missing or doesn't fit, or the op that failed.
 */
export function interpret(
  outputs: Readonly<Record<string, Node>>,
  feeds: Readonly<Record<string, Tensor>>,
  timer?: OpTimer,
): Record<string, Tensor> {
  const nodes = Object.values(outputs);
  const leaves = topologicalOrder(nodes).filter(isNamedLeaf);
  bindSizes(leaves, feeds);
  const values = evaluate(
    nodes,
    Object.fromEntries(leaves.map(({ name }) => [name, toValue(feeds[name])])),
    timer,
  );
  return Object.fromEntries(
    Object.keys(outputs).map((name, i) => [name, toTensor(values[i], nodes[i].dtype)]),
  );
}

/** Creates an executor for tests and for machines with no other. */
export function createInterpreter(): Executor {
  const resources = new Resources();
  return disposable({
    name: 'interpreter',
    async compile(graph: Graph) {
      return new InterpreterProgram(graph);
    },
    async createStore(values: ReadonlyMap<string, Tensor>) {
      const store = new MemoryStore(resources);
      await store.write(values);
      return store;
    },
    async profile(graph: Graph, feeds: Readonly<Record<string, Tensor>>, store?: Store) {
      const [program, timer] = [new InterpreterProgram(graph), new OpTimer()];
      await program.run(feeds, store);
      await program.run(feeds, store, timer);
      return timer.times;
    },
    dispose: () => resources.dispose(),
  });
}

class MemoryStore extends NamedStore<Tensor> {
  protected upload(value: Tensor): Tensor {
    return copyOf(value);
  }

  protected download(value: Tensor): Tensor {
    return copyOf(value);
  }

  protected release(): void {}
}

const copyOf = (value: Tensor): Tensor => ({ ...value, data: value.data.slice() });

class InterpreterProgram implements Program {
  readonly #graph: Graph;

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  async run(feeds: Readonly<Record<string, Tensor>>, store?: Store, timer?: OpTimer) {
    const state = this.#graph.state ?? {};
    const stored = ownStore(store, MemoryStore);
    const kept = Object.fromEntries(stored?.entries ?? []);
    const results = interpret(this.#graph.outputs, { ...kept, ...feeds }, timer);
    if (Object.keys(state).length > 0 && !stored)
      throw new GraphError(`the graph updates ${Object.values(state).join(', ')}: run it with a store`);
    const returned: Record<string, Tensor> = {};
    for (const [name, value] of Object.entries(results)) {
      if (stored && name in state) stored.set(state[name], value);
      else returned[name] = value;
    }
    return returned;
  }

  async dispose() {}
}
